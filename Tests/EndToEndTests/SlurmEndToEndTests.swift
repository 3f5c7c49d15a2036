import Foundation
import Glibc
import Results
import Testing

extension EndToEnd {
  /// The examples of a prolog and an epilog for Slurm, run as slurmd runs them, but for what they measure and where they keep it. What
  /// they say to Slurm is written down.
  @Suite("Slurm's prolog and epilog", .serialized)
  struct SlurmEndToEndTests {
    private static let examples = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "ci/examples/slurm").path
    private static let tiny =
      "name: tiny\nblocks: 7\nwarmup: 1ms\nwindow: 5ms\nmemory: 64MiB\nmachines: [native]\nworkloads: [cpu.integer]\n"

    /// A node: its programs, and what was said to Slurm.
    private struct Node {
      let folder: Folder

      init() throws {
        folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder.path("bin"), withIntermediateDirectories: true)
        try program("logger", "exit 0")
        try program("scontrol", "printf '%s\\n' \"$@\" >>'\(folder.path("said"))'")
      }

      func program(_ name: String, _ script: String) throws {
        let path = try folder.write("bin/\(name)", "#!/bin/sh\n\(script)\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
      }

      /// What Slurm was told, a word a line; nothing where it was not.
      var said: [String] {
        ((try? folder.text("said")) ?? "").split(separator: "\n").map(String.init)
      }

      /// An example with words of it changed, each of which has to be there.
      func script(_ name: String, _ changes: [String: String]) throws -> String {
        var text = try String(contentsOfFile: "\(SlurmEndToEndTests.examples)/\(name)", encoding: .utf8)
        for (old, new) in changes {
          try #require(text.contains(old), "\(old)")
          text = text.replacing(old, with: new)
        }
        return try folder.write(name, text)
      }

      func run(_ script: String, _ words: [String] = [], _ variables: [String] = []) throws -> Tool.Outcome {
        try Tool.run(
          ["-i", "PATH=\(folder.path("bin")):/usr/bin:/bin", "SLURMD_NODENAME=n7"] + variables + ["/bin/sh", script]
            + words, with: "/usr/bin/env", in: folder)
      }

      /// The prolog with a suite of less than a second, or with another limit of its time.
      func prolog(limit: Int = 120) throws -> String {
        try script(
          "prolog",
          [
            "home=/var/lib/nearmetal\n": "home='\(folder.path("home"))'\n", "limit=19\n": "limit=\(limit)\n",
            "run quick --scale 0.5 --machine native --machine nearmetal --only cpu.integer --only memory.copy --only 'block.*'":
              "run '\(try folder.write("tiny.yaml", SlurmEndToEndTests.tiny))'",
          ])
      }
    }

    // MARK: The prolog

    /// The node is looked at, and held against what it was when its figures were so many times those of now.
    private func look(_ factor: Double) throws -> (node: Node, outcome: Tool.Outcome) {
      let node = try Node()
      try FileManager.default.createSymbolicLink(
        atPath: node.folder.path("bin/nearmetal"), withDestinationPath: Tool.path)
      let prolog = try node.prolog()
      let recorded = try node.run(prolog, ["--record"])
      #expect(recorded.status == 0 && recorded.output.contains("recorded node of host"), "\(recorded.errors)")
      var result = try ResultStore.read(node.folder.path("home/first"))
      for leg in result.legs.indices {
        for metric in result.legs[leg].metrics.indices { result.legs[leg].metrics[metric].value *= factor }
      }
      try ResultStore.write(result, to: node.folder.path("changed"))
      let changed = try Tool.run(
        [
          "baseline", "record", "node", node.folder.path("changed"), "--replace", "--directory",
          node.folder.path("home/baselines"),
        ], in: node.folder)
      #expect(changed.status == 0, "\(changed.errors)")
      var outcome = try node.run(prolog)
      for _ in 0..<120 where outcome.errors.contains("another run is in progress") {
        sleep(2)
        outcome = try node.run(prolog)
      }
      return (node, outcome)
    }

    @Test func aNodeThatIsNotSlowerThanItWasIsLeftAlone() throws {
      let (node, outcome) = try look(0.05)
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      #expect(node.said.isEmpty)
    }

    @Test func aNodeThatIsSlowerThanItWasIsDrainedWithAReason() throws {
      let (node, outcome) = try look(20)
      #expect(outcome.status == 1, "\(outcome.errors)")
      #expect(node.said.prefix(3) == ["update", "nodename=n7", "state=drain"])
      let reason = try #require(node.said.dropFirst(3).first)
      #expect(
        reason.wholeMatch(
          of: /reason=nearmetal: cpu\.integer throughput on bare metal is 9[0-9] % worse than when it was recorded/)
          != nil,
        "\(reason)")
      #expect(node.said.count == 4)
      // Slurm may be out of order: the job still goes elsewhere.
      try node.program("scontrol", "exit 1")
      let again = try node.run(try node.prolog())
      #expect(again.errors.contains("scontrol did not drain n7") || again.errors.contains("another run is in progress"))
    }

    @Test func withoutABaselineNothingIsLookedAtAndThatIsSaid() throws {
      let node = try Node()
      try node.program("nearmetal", "touch '\(node.folder.path("asked"))'")
      let prolog = try node.prolog()
      let outcome = try node.run(prolog)
      #expect(outcome.status == 0 && node.said.isEmpty)
      #expect(outcome.errors.contains("n7: it has no baseline in \(node.folder.path("home/baselines"))"))
      #expect(outcome.errors.contains("prolog --record"))
      #expect(!node.folder.contains("asked"))
      // Slurm gives it no search path at all.
      let bare = try Tool.run(["-i", "/bin/sh", prolog], with: "/usr/bin/env", in: node.folder)
      #expect(bare.status == 0 && bare.errors.contains("it has no baseline"), "\(bare.errors)")
    }

    private static let columns = "outcome,basis,workload,parameters,metric,unit,machine,mode,base,head,ratio"

    /// What the program may end with, and what becomes of the node.
    struct Ending: Sendable {
      /// What the look ends with, and says.
      var look: Int32 = 0
      var says = ""
      /// What the gate ends with, and the rows that it writes.
      var gate: Int32 = 0
      var rows: [String] = []
      /// Empty where the node is left alone.
      var reason = ""
      /// What is said where it is.
      var note = ""
    }

    @Test(arguments: [
      Ending(),
      Ending(
        look: 69, says: "nearmetal: another run is in progress: 7 holds it",
        note: "another run is in progress: 7 holds it"),
      Ending(
        look: 69, says: "nearmetal: /dev/kvm is absent",
        reason: "it lacks what it had when it was recorded: /dev/kvm is absent"),
      Ending(look: 64, says: "nearmetal: no such suite", note: "the look says nothing: no such suite"),
      Ending(look: 130, says: "nearmetal: interrupted", note: "the look says nothing: interrupted"),
      Ending(gate: 5, note: "its baseline is missing, or is another machine's"),
      Ending(gate: 7, rows: ["inconclusive,times,cpu.integer,,throughput"], note: "the look cannot tell"),
      Ending(
        gate: 7,
        rows: [
          "inconclusive,,block.randread,bs=4KiB,iops,IOPS,nearmetal,polled,1000.0,,,,,5,0,,,,"
            + "\"ran in the base and was skipped in the head: no /dev/kvm, so no guest\""
        ], reason: "it cannot do what it could when it was recorded: no /dev/kvm, so no guest"),
      Ending(
        look: 3, gate: 2,
        rows: [
          "regression,,block.randread,bs=4KiB qd=1,iops,IOPS,nearmetal,polled,1000.0,,,,",
          "regression,times,cpu.integer,,throughput,Mop/s,native,native,100.0,80.0,0.8,,",
        ],
        reason:
          "block.randread bs=4KiB qd=1 iops on a guest, polled fails, and did not when it was recorded, and 1 more"),
      Ending(
        gate: 2,
        rows: [
          "regression,counts,block.randread,bs=4KiB,exits.perOperation,1,nearmetal,polled,0.0,1.0,",
          "inconclusive,times,cpu.integer,,throughput,Mop/s,native,native,100.0,80.0,0.8",
        ],
        reason:
          "block.randread bs=4KiB exits.perOperation on a guest, polled costs more for each operation than when it was recorded"
      ),
    ])
    func aNodeIsDrainedForWhatItIsAndNotForWhatIsUnknown(ending: Ending) throws {
      let node = try Node()
      try FileManager.default.createDirectory(
        atPath: node.folder.path("home/baselines"), withIntermediateDirectories: true)
      _ = try node.folder.write("rows", ([Self.columns] + ending.rows).joined(separator: "\r\n") + "\r\n")
      try node.program(
        "nearmetal",
        """
        if [ "$1" = run ]; then echo '\(ending.says)' >&2; exit \(ending.look); fi
        cat '\(node.folder.path("rows"))'
        exit \(ending.gate)
        """)
      let outcome = try node.run(try node.prolog())
      if ending.reason.isEmpty {
        #expect(outcome.status == 0 && node.said.isEmpty, "\(node.said)")
        #expect(
          ending.note.isEmpty ? outcome.errors.isEmpty : outcome.errors.contains(ending.note), "\(outcome.errors)")
      } else {
        #expect(outcome.status == 1, "\(outcome.errors)")
        #expect(node.said == ["update", "nodename=n7", "state=drain", "reason=nearmetal: \(ending.reason)"])
      }
    }

    /// One that does not end by itself, nor when it is told to.
    @Test func aLookThatDoesNotEndIsEnded() throws {
      let node = try Node()
      try FileManager.default.createDirectory(
        atPath: node.folder.path("home/baselines"), withIntermediateDirectories: true)
      try node.program("nearmetal", "trap '' TERM\nwhile :; do sleep 600; done")
      let outcome = try node.run(try node.prolog(limit: 1))
      #expect(outcome.status == 1, "\(outcome.errors)")
      #expect(
        node.said.last == "reason=nearmetal: a look at it did not end within 1 s, and did when it was recorded")
    }

    /// Held against such a baseline each look would be ended, and the node drained.
    @Test func aLookThatTakesTooLongIsNotRecorded() throws {
      let node = try Node()
      try node.program("nearmetal", "[ \"$1\" = run ] || touch '\(node.folder.path("recorded"))'")
      let outcome = try node.run(try node.prolog(limit: 0), ["--record"])
      #expect(outcome.status == 1)
      #expect(
        outcome.errors.contains(/nothing is recorded: the look took \d+ s, and may take 0: raise limit/),
        "\(outcome.errors)")
      #expect(!node.folder.contains("recorded"))
    }

    /// All that the prolog waits for ends within half a minute.
    @Test func thePrologsLimitsAreTogetherHalfAMinute() throws {
      let text = try String(contentsOfFile: "\(Self.examples)/prolog", encoding: .utf8)
      let limit = try #require(text.firstMatch(of: /(?m)^limit=(\d+)$/).flatMap { Int($0.output.1) })
      let waits = text.matches(of: /timeout -k (\d+) (\d+|"\$limit")/).map { match in
        (Int(match.output.1) ?? 0) + (Int(match.output.2) ?? limit)
      }
      #expect(waits.count == 3 && waits.reduce(0, +) <= 30, "\(waits)")
    }

    // MARK: The epilog

    /// A process that holds a virtual machine, as any monitor does.
    private func guest(_ variables: [String: String], in folder: Folder) throws -> Process {
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/python3")
      process.arguments = [
        "-c",
        "import fcntl, os, time\nmachine = fcntl.ioctl(os.open('/dev/kvm', os.O_RDWR), 0xAE01, 0)\n"
          + "open('\(folder.path("ready"))', 'w').close()\ntime.sleep(600)",
      ]
      process.environment = variables
      try process.run()
      for _ in 0..<600 where process.isRunning && !folder.contains("ready") { usleep(100_000) }
      try #require(folder.contains("ready"))
      return process
    }

    private static let canHoldGuests =
      Tool.hasKVM && ["/usr/bin/python3", "/usr/bin/find"].allSatisfy(FileManager.default.isExecutableFile)

    /// Variables of a guest; the ended job's user, nil for the guest's own; whether the guest is that job's.
    @Test(
      .enabled(if: canHoldGuests, "/dev/kvm is absent or closed to this user, or python3 is absent"),
      arguments: [
        (["SLURM_JOB_ID": "77"], false, true), (["SLURM_JOB_ID": "78"], true, false), ([:], true, true),
        ([:], false, false),
      ] as [([String: String], Bool, Bool)])
    func aGuestThatAJobLeftDrainsTheNode(variables: [String: String], isOwn: Bool, isLeft: Bool) throws {
      let node = try Node()
      let guest = try guest(variables, in: node.folder)
      defer {
        // It has the signals blocked that this thread has.
        kill(guest.processIdentifier, SIGKILL)
        guest.waitUntilExit()
      }
      let epilog = try node.script("epilog", ["patience=5\n": "patience=1\n"])
      let outcome = try node.run(
        epilog, [], ["SLURM_JOB_ID=77", "SLURM_JOB_UID=\(isOwn ? getuid() : 4_294_967)"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      // Guests of other tests have this user as well, and no job.
      let reason = node.said.last ?? ""
      #expect(reason.contains("(\(guest.processIdentifier))") == isLeft, "\(reason)\(outcome.errors)")
      if isLeft {
        #expect(node.said.prefix(3) == ["update", "nodename=n7", "state=drain"])
        #expect(reason.hasPrefix("reason=nearmetal: guests of job 77 still run: "))
      } else if !isOwn {
        #expect(node.said.isEmpty && outcome.errors.isEmpty)
      }
    }
  }
}
