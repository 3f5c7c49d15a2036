import Foundation
import Glibc
import Results
import Testing

extension EndToEnd {
  /// Whole runs of net workloads on this host, with and without the right to have wires through the kernel.
  @Suite("NetEndToEnd", .serialized)
  struct NetEndToEndTests {
    private static func suite(_ workloads: String, machines: String, window: String = "20ms") -> String {
      """
      name: wires
      blocks: 1
      warmup: 5ms
      window: \(window)
      memory: 64MiB
      machines: [\(machines)]
      workloads:
      \(workloads)
      """
    }

    private func run(_ suite: String, _ folder: Folder) throws -> (Tool.Outcome, RunResult) {
      let path = try folder.write("suite.yaml", suite)
      let outcome = try Tool.run(["run", path, "--output", folder.path("out")], in: folder)
      return (outcome, try ResultStore.read(folder.path("out")))
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user: no guest can be booted"))
    func everyModeMovesFramesAndCountsWhatBecameOfThem() throws {
      let folder = try Folder()
      let (outcome, result) = try run(
        Self.suite(
          """
            - {id: net.pingpong, parameters: {wire: inprocess}}
            - {id: net.bidirectional, parameters: {wire: inprocess, size: 1514, transport: pci, ring: packed}}
            - {id: net.rate, parameters: {wire: inprocess, load: 50}}
            - {id: net.bulk, parameters: {wire: tap}}
            - {id: net.bulk, parameters: {wire: packet, direction: receive}}
            - {id: net.bulk, parameters: {wire: tap, direction: receive, credit: 24}}
          """, machines: "native, nearmetal"), folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      for leg in result.legs where leg.path.mode != .emulated && leg.path.mode != .vhost {
        if leg.status == .skipped, leg.workload["wire"] != "inprocess" {
          #expect(leg.reason?.contains("CAP_") == true, "\(leg.id): \(leg.reason ?? "")")
          continue
        }
        #expect(leg.status == .ok, "\(leg.id): \(leg.reason ?? "")")
        for name in ["lost", "duplicated", "reordered", "corrupted"] {
          // The credit keeps what is on its way below every queue's length: a kernel's wire loses nothing either.
          #expect(leg.metrics.first { $0.name == "frames.\(name)" }?.value == 0, "\(leg.id): \(name)")
        }
      }
    }

    @Test(.enabled(if: Tool.isRoot && Tool.has("setpriv"), "only root can give up its rights"))
    func withoutRightsTheInProcessWireRunsAndTheOthersSayWhatIsMissing() throws {
      let folder = try Folder()
      try #require(unsafe chmod(folder.path(""), 0o777) == 0)
      let suite = try folder.write(
        "suite.yaml",
        Self.suite(
          """
            - {id: net.pingpong, parameters: {wire: inprocess}}
            - {id: net.pingpong, parameters: {wire: tap}}
            - {id: net.pingpong, parameters: {wire: packet}}
          """, machines: "native"))
      let outcome = try Tool.run(
        [
          "--reuid=65534", "--regid=65534", "--clear-groups", Tool.path, "run", suite, "--output", folder.path("out"),
        ], with: "/usr/bin/setpriv", in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      for leg in try ResultStore.read(folder.path("out")).legs {
        let isFree = leg.workload["wire"] == "inprocess"
        #expect(leg.status == (isFree ? .ok : .skipped), "\(leg.id): \(leg.reason ?? "")")
        if !isFree { #expect(leg.reason?.contains("CAP_SYS_ADMIN") == true, "\(leg.reason ?? "")") }
      }
    }

    @Test(.enabled(if: Tool.isRoot, "wires through the kernel are root's"), arguments: [SIGINT, SIGKILL])
    func aRunThatIsCutShortLeavesNoInterfaceAndTheNextOneRuns(signal: Int32) throws {
      let folder = try Folder()
      let before = try interfaces()
      let workload =
        "  - {id: net.pingpong, parameters: {wire: tap}}\n  - {id: net.pingpong, parameters: {wire: packet}}"
      let suite = try folder.write("suite.yaml", Self.suite(workload, machines: "native", window: "2s"))
      let process = try Tool.start(["run", suite, "--output", folder.path("out")], in: folder)
      let deadline = Date(timeIntervalSinceNow: 60)
      while try !folder.text("errors").contains("legs"), Date() < deadline { usleep(20_000) }
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      #expect(try interfaces() == before)
      let (outcome, _) = try run(Self.suite(workload, machines: "native"), Folder())
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try interfaces() == before)
    }

    /// Interfaces and named namespaces, as anybody on this host sees them.
    private func interfaces() throws -> [String] {
      let named = (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []
      return try FileManager.default.contentsOfDirectory(atPath: "/sys/class/net").sorted() + named.sorted()
    }
  }
}
