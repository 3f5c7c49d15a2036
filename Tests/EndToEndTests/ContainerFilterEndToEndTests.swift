import Foundation
import Results
import TestSupport
import Testing

extension EndToEnd {
  /// The filter of system calls that the examples give to containers, put on as a container's run time does.
  @Suite("A container's filter", .serialized)
  struct ContainerFilterEndToEndTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    private static let suite = """
      name: tiny
      blocks: 2
      warmup: 1ms
      window: 5ms
      memory: 64MiB
      disk: 64MiB
      machines: [native, nearmetal]
      workloads:
        - cpu.integer
        - {id: block.randread, parameters: {bs: 4KiB, qd: 8, backing: direct}}
        - {id: net.pingpong, parameters: {wire: inprocess, size: 64}}

      """

    /// What became of each workload on each path, and why.
    private func endings(_ folder: Folder, _ name: String) throws -> Set<String> {
      Set(
        try ResultStore.read(folder.path(name)).legs.map {
          "\($0.workload), \($0.path): \($0.status.rawValue) \($0.reason ?? "")"
        })
    }

    @Test(
      .enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"),
      .enabled(if: Python.debian.has("seccomp"), "python3-seccomp is absent"))
    func theSameIsMeasuredUnderItAsWithoutIt() throws {
      let folder = try Folder()
      let suite = try folder.write("tiny.yaml", Self.suite)
      let free = try Tool.run(["run", suite, "--output", folder.path("free")], in: folder)
      #expect(free.status == 0, "\(free.errors)")
      let filtered = try Tool.run(
        [
          "\(Self.root)/ci/lane/filtered", "\(Self.root)/ci/examples/kubernetes/seccomp.json", Tool.path, "run", suite,
          "--output", folder.path("filtered"),
        ], with: "/usr/bin/python3", in: folder)
      #expect(filtered.status == 0, "\(filtered.errors)")
      let endings = try endings(folder, "free")
      #expect(endings.contains { $0.contains(": ok") })
      #expect(try self.endings(folder, "filtered") == endings)
    }
  }
}
