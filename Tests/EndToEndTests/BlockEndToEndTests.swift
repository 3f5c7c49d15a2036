import Foundation
import Glibc
import Results
import Testing

extension EndToEnd {
  /// Whole runs of disk workloads on this host's KVM, and what becomes of a disk that fails.
  @Suite(
    "BlockEndToEnd", .serialized,
    .enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user: no guest can be booted"))
  struct BlockEndToEndTests {
    private static func suite(_ workloads: String, blocks: Int = 1, window: String = "20ms") -> String {
      """
      name: disk
      blocks: \(blocks)
      warmup: 5ms
      window: \(window)
      memory: 64MiB
      disk: 64MiB
      machines: [native, nearmetal]
      workloads:
      \(workloads)
      """
    }

    private func run(_ suite: String, _ folder: Folder, disk: String? = nil) throws -> (Tool.Outcome, RunResult) {
      let path = try folder.write("suite.yaml", suite)
      let outcome = try Tool.run(
        ["run", path, "--output", folder.path("out"), "--disk-directory", disk ?? folder.path("")], in: folder)
      return (outcome, try ResultStore.read(folder.path("out")))
    }

    @Test func everyModeReadsAndWritesTheRightBytes() throws {
      let folder = try Folder()
      let (outcome, result) = try run(
        Self.suite(
          """
            - {id: block.randread, parameters: {bs: 4KiB, qd: 4, backing: file}}
            - {id: block.randwrite, parameters: {bs: 4KiB, qd: 4, backing: file}}
            - {id: block.mixed, parameters: {bs: 16KiB, qd: 2, backing: memory}}
            - {id: block.randread, parameters: {bs: 4KiB, qd: 1, backing: file, transport: pci, ring: packed}}
            - {id: block.read, parameters: {bs: 4KiB, qd: 1, backing: file, transfer: pio}}
          """), folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      for leg in result.legs { #expect(leg.status == .ok, "\(leg.id): \(leg.reason ?? "")") }
      #expect(Set(result.legs.map(\.path.mode)) == [.native, .emulated, .paravirtual, .polled])
      #expect(!folder.contains("nearmetal-disk"))
    }

    @Test func vcpusAndThreadsShareADisksQueuesInEveryModeAndEveryRequestIsCountedOnce() throws {
      let folder = try Folder()
      let shared = "bs: 4KiB, qd: 4, queues: 3, vcpus: 2, iothreads: 2"
      let text = Self.suite(
        """
          - {id: block.randread, parameters: {\(shared), backing: file}}
          - {id: block.mixed, parameters: {\(shared), backing: memory, transport: pci}}
          - {id: block.randwrite, parameters: {\(shared), backing: direct, ring: packed}}
          - {id: block.randread, parameters: {bs: 4KiB, qd: 1, queues: 2, vcpus: 2, backing: file}}
        """
      ).replacingOccurrences(of: "machines: [native, nearmetal]", with: "machines: [native, nearmetal, qemu]")
      let (outcome, result) = try run(text, folder, disk: "/var/tmp")
      #expect(outcome.status == 0, "\(outcome.errors)")
      for leg in result.legs where leg.status != .ok {
        #expect(leg.status == .skipped && leg.path.machine == .qemu, "\(leg.id): \(leg.reason ?? "")")
      }
      let own = result.legs.filter { $0.path.machine == .nearmetal }
      #expect(own.count == 8 && Set(own.map(\.path.mode)) == [.paravirtual, .polled])
      for leg in own {
        let queues = leg.workload["queues"]?.quantity ?? 1
        let requests = (0..<queues).compactMap { queue in
          leg.counters.first { $0.name == "monitor.queue\(queue).requests" }?.value
        }
        let each = try #require(leg.metrics.lazy.compactMap(\.histogram).first)
        #expect(requests.count == Int(queues) && requests.allSatisfy { $0 > 0 }, "\(leg.id)")
        #expect(requests.reduce(0, +) == try LatencyDistribution(each).count, "\(leg.id)")
      }
      // Four threads of a guest, on as many CPUs as there are.
      if ProcessInfo.processInfo.activeProcessorCount < 4 {
        for leg in own { #expect(leg.validity.contains { $0.hasPrefix("threads shared CPUs: ") }, "\(leg.id)") }
      }
    }

    @Test func everyFormatIsReadAndWrittenOnEveryMachineAndHeldAgainstRaw() throws {
      let folder = try Folder()
      let formats = ["raw", "vhd", "vhd-fixed", "vhd-differencing", "vmdk", "vmdk-flat", "qcow2"].map { format in
        "  - {id: block.randread, parameters: {bs: 4KiB, qd: 4, backing: direct, format: \(format)}, modes: [paravirtual]}"
      }
      let differences = ["vhd-differencing", "vmdk", "qcow2"].map { format in
        "  - {id: block.mixed, parameters: {bs: 4KiB, qd: 4, backing: file, format: \(format), allocated: none}}"
      }
      let text = Self.suite((formats + differences).joined(separator: "\n"))
        .replacingOccurrences(
          of: "machines: [native, nearmetal]", with: "against: {format: raw}\nmachines: [native, nearmetal, qemu]")
      let (outcome, result) = try run(text, folder, disk: "/var/tmp")
      #expect(outcome.status == 0, "\(outcome.errors)")
      for leg in result.legs where leg.status != .ok {
        #expect(leg.status == .skipped && leg.path.machine == .qemu, "\(leg.id): \(leg.reason ?? "")")
        #expect(leg.reason?.contains("not installed") == true || leg.workload["format"] == "vhd-differencing")
      }
      // Seven formats take turns with each other, natively and in a guest.
      let rounds = Set(
        result.legs.filter { $0.workload.id == "block.randread" && $0.status == .ok }.map { $0.turns?.windows.count })
      #expect(rounds.count == 1 && rounds.first != .some(nil), "\(rounds)")
      #expect(result.run.against == ["format": "raw"])
    }

    @Test func aRunMeasuresOnAnImageThatIsThereAndWritesOnlyWhenTold() throws {
      let folder = try Folder()
      let image = folder.path("a disk, of mine.qcow2")
      let made = try Tool.run(["image", "create", "-f", "qcow2", image, "64M"], in: folder)
      #expect(made.status == 0, "\(made.errors)")
      func measure(_ workload: String, _ more: [String]) throws -> (Tool.Outcome, String) {
        let suite = try folder.write(
          "suite.yaml",
          Self.suite("  - {id: \(workload), parameters: {bs: 4KiB, qd: 2, backing: file}}")
            .replacingOccurrences(of: "[native, nearmetal]", with: "[native, nearmetal, qemu]"))
        let output = folder.path("out-\(UUID().uuidString)")
        return (try Tool.run(["run", suite, "--image", image, "--output", output] + more, in: folder), output)
      }
      let (read, output) = try measure("block.randread", [])
      #expect(read.status == 0, "\(read.errors)")
      let result = try ResultStore.read(output)
      #expect(result.run.image == ImageRecord(path: image, format: "qcow2", size: 64 << 20, isWritable: false))
      let legs = result.legs.filter { $0.path.machine != .qemu }
      #expect(!legs.isEmpty && legs.allSatisfy { $0.status == .ok }, "\(legs.map { $0.reason ?? "" })")
      let refused = try measure("block.randwrite", []).0
      #expect(refused.status == 64 && refused.errors.contains("--image-writable"), "\(refused.errors)")
      #expect(refused.errors.split(separator: "\n").count == 1)
      let (written, second) = try measure("block.randwrite", ["--image-writable"])
      #expect(written.status == 0, "\(written.errors)")
      #expect(
        try ResultStore.read(second).legs.allSatisfy {
          $0.turns == nil && $0.turnsAbsent?.contains("to allocate") == true
        })
      #expect(try Tool.run(["image", "check", image], in: folder).status == 0)
    }

    private static let hasDaemon = Tool.has("qemu-storage-daemon")

    @Test(.enabled(if: hasDaemon, "qemu-storage-daemon is absent (Debian: qemu-system-common)"))
    func aBackEndOfAnotherProcessReadsAndWritesTheRightBytes() throws {
      let folder = try Folder()
      let (outcome, result) = try run(
        Self.suite(
          """
            - {id: block.randread, parameters: {bs: 4KiB, qd: 4, backing: file}, modes: [paravirtual, vhost-user]}
            - {id: block.randwrite, parameters: {bs: 4KiB, qd: 1, backing: direct}, modes: [vhost-user]}
            - {id: block.mixed, parameters: {bs: 16KiB, qd: 2, backing: file, format: qcow2}, modes: [vhost-user]}
            - {id: block.randread, parameters: {bs: 4KiB, qd: 4, backing: file, format: vhd}, modes: [vhost-user]}
            - {id: block.flush, parameters: {bs: 4KiB, backing: file, transport: pci}, modes: [vhost-user]}
            - {id: block.randread, parameters: {bs: 4KiB, backing: memory}, modes: [vhost-user]}
            - {id: block.randread, parameters: {bs: 4KiB, backing: file, transport: mmio}, modes: [vhost-user]}
            - {id: block.randread, parameters: {bs: 4KiB, backing: file, ring: packed}, modes: [vhost-user]}
          """), folder, disk: "/var/tmp")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let legs = result.legs.filter { $0.path == Path(.nearmetal, .vhostUser) }
      let skipped = legs.filter { $0.status == .skipped }.map { $0.reason ?? "" }
      #expect(skipped.count == 3 && legs.count == 8, "\(legs.map { "\($0.id): \($0.reason ?? "")" })")
      for word in ["backing=memory", "MSI-X", "packed ring"] {
        #expect(skipped.contains { $0.contains(word) }, "\(skipped)")
      }
      for leg in legs where leg.status == .ok {
        // The daemon's time is part of an operation's.
        #expect(try #require(leg.cpuSeconds.io) > 0 && leg.metrics.contains { $0.name == "cpu.time" }, "\(leg.id)")
        #expect(leg.turns != nil, "\(leg.id)")
        let doorbells = try #require(leg.counters.first { $0.name == "monitor.doorbells" })
        #expect(doorbells.status == .unavailable && doorbells.reason?.contains("back end") == true)
      }
      #expect(result.legs.allSatisfy { $0.status != .failed }, "\(result.legs.compactMap(\.reason))")
      #expect(result.comparisons.contains { $0.path.mode == .vhostUser && $0.metric == "iops" })
    }

    @Test(.enabled(if: hasDaemon, "qemu-storage-daemon is absent (Debian: qemu-system-common)"))
    func aBackEndThatDiesIsTheReasonOfItsLeg() throws {
      let folder = try Folder()
      let suite = try folder.write(
        "suite.yaml",
        Self.suite(
          "  - {id: block.randread, parameters: {bs: 4KiB, qd: 4, backing: file}, modes: [vhost-user]}", window: "20s"))
      let process = try Tool.start(["run", suite, "--output", folder.path("out")], in: folder)
      let deadline = Date(timeIntervalSinceNow: 120)
      var daemon: Int32?
      while daemon == nil, process.isRunning, Date() < deadline {
        daemon = Self.descendant("qemu-storage-da", of: process.processIdentifier)
        usleep(20_000)
      }
      kill(try #require(daemon, "\(try folder.text("errors"))"), SIGKILL)
      let outcome = try Tool.finish(process, in: folder)
      #expect(outcome.status == 3, "\(outcome.errors)")
      let leg = try #require(try ResultStore.read(folder.path("out")).legs.first { $0.path.mode == .vhostUser })
      #expect(leg.status == .failed)
      #expect(
        leg.reason?.contains("qemu-storage-daemon is gone: it was killed by signal 9") == true, "\(leg.reason ?? "")")
    }

    /// A process of a name, as the kernel cuts it, that a process started, or one that it started.
    private static func descendant(_ name: String, of ancestor: Int32) -> Int32? {
      var parents: [Int32: Int32] = [:]
      var found: [Int32] = []
      for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
        guard let pid = Int32(entry), let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
          let end = stat.lastIndex(of: ")"), let start = stat.firstIndex(of: "(")
        else { continue }
        parents[pid] = stat[end...].split(separator: " ").dropFirst(2).first.flatMap { Int32($0) }
        if stat[stat.index(after: start)..<end] == name { found.append(pid) }
      }
      return found.first { pid in
        var place: Int32? = pid
        while let here = place, here != ancestor { place = parents[here] }
        return place == ancestor
      }
    }

    @Test func aPollingGuestLeavesOnlyForTheHostsOwnInterrupts() throws {
      let folder = try Folder()
      let (_, result) = try run(
        Self.suite("  - {id: block.randread, parameters: {bs: 4KiB, qd: 32, backing: memory}}", window: "200ms"), folder
      )
      let leg = try #require(result.legs.first { $0.path.mode == .polled })
      try #require(leg.status == .ok, "\(leg.reason ?? "")")
      let exits = try #require(leg.metrics.first { $0.name == "exits.perOperation" }, "KVM has no statistics here")
      let interrupts = try #require(leg.metrics.first { $0.name == "interrupts.perOperation" })
      #expect(exits.value < 0.001)
      #expect(interrupts.value == 0)
      // The notified mode must show both, or these counters would prove nothing.
      let notified = try #require(result.legs.first { $0.path.mode == .paravirtual })
      #expect(notified.metrics.contains { $0.name == "interrupts.perOperation" && $0.value > 0 })
    }

    @Test func aBackingFileThatShrinksFailsItsLegWithAReason() throws {
      let folder = try Folder()
      let suite = try folder.write(
        "suite.yaml",
        Self.suite("  - {id: block.randread, parameters: {bs: 4KiB, qd: 4, backing: file}}", blocks: 3, window: "1s"))
      let process = try Tool.start(
        ["run", suite, "--output", folder.path("out"), "--disk-directory", folder.path("")], in: folder)
      let deadline = Date(timeIntervalSinceNow: 60)
      while try !folder.text("errors").contains("legs"), Date() < deadline { usleep(20_000) }
      // The image has no name: the process alone has it open.
      let descriptors = "/proc/\(process.processIdentifier)/fd"
      let image = try FileManager.default.contentsOfDirectory(atPath: descriptors).map { "\(descriptors)/\($0)" }.first
      {
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: $0)
        return target?.hasPrefix(folder.path("")) == true && target?.hasSuffix("(deleted)") == true
      }
      #expect(unsafe truncate(try #require(image), 4096) == 0)
      let outcome = try Tool.finish(process, in: folder)
      #expect(outcome.status == 3, "\(outcome.errors)")
      let result = try ResultStore.read(folder.path("out"))
      let failed = result.legs.filter { $0.status == .failed }
      #expect(Set(failed.map(\.path.mode)) == [.native, .emulated, .paravirtual, .polled])
      for leg in failed { #expect(leg.reason?.isEmpty == false, "\(leg.id)") }
    }

    @Test(
      .enabled(if: Tool.isRoot, "only root can mount a small file system"),
      arguments: [("size=8m", "space"), ("ro", "Read-only")])
    func aDiskThatCannotBeMadeFailsItsLegsWithAReason(options: String, word: String) throws {
      let folder = try Folder()
      let point = folder.path("mount")
      try FileManager.default.createDirectory(atPath: point, withIntermediateDirectories: true)
      try #require(
        unsafe mount("tmpfs", point, "tmpfs", options == "ro" ? UInt(MS_RDONLY) : 0, options == "ro" ? nil : options)
          == 0
      )
      defer { unsafe umount(point) }
      let (outcome, result) = try run(
        Self.suite("  - cpu.integer\n  - {id: block.randread, parameters: {backing: file}}"), folder, disk: point)
      #expect(outcome.status == 3, "\(outcome.errors)")
      for leg in result.legs {
        let isDisk = leg.workload.id == "block.randread"
        #expect(leg.status == (isDisk ? .failed : .ok), "\(leg.id): \(leg.reason ?? "")")
        if isDisk { #expect(leg.reason?.contains(word) == true, "\(leg.reason ?? "")") }
      }
    }
  }
}
