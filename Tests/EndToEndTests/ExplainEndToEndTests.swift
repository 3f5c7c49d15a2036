import Foundation
import Results
import Testing

extension EndToEnd {
  /// `nearmetal explain` on a real run of this host.
  @Suite("ExplainEndToEnd", .serialized)
  struct ExplainEndToEndTests {
    private struct Split: Decodable {
      struct Time: Decodable { let nanoseconds: Double }
      struct Part: Decodable {
        let source: String
        let nanoseconds: Double
        let count: Double?
      }
      let mode: String
      let total: Time
      let residual: Time
      let parts: [Part]
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user: no guest can be booted"))
    func aRunIsSplitIntoPartsThatAddUp() throws {
      let folder = try Folder()
      let suite = try folder.write(
        "suite.yaml",
        """
        name: split
        blocks: 2
        warmup: 2ms
        window: 160ms
        memory: 64MiB
        disk: 64MiB
        machines: [native, nearmetal]
        workloads:
          - {id: block.randread, parameters: {bs: 4KiB, qd: 1, backing: file}}
          - exits.pio.user
          - exits.pio.user.write
          - exits.mmio.user.write
          - exits.mmio.doorbell.match
          - exits.irqfd.self
          - exits.irqfd.halt
          - exits.irqfd.wake
          - exits.handoff
        """)
      let run = try Tool.run(
        ["run", suite, "--output", folder.path("out"), "--disk-directory", folder.path("")], in: folder)
      try #require(run.status == 0, "\(run.errors)")

      let json = try Tool.run(["explain", folder.path("out"), "block.randread", "--format", "json"], in: folder)

      #expect(json.status == 0, "\(json.errors)")
      let splits = try JSONDecoder().decode([Split].self, from: Data(json.output.utf8))
      #expect(splits.map(\.mode) == ["emulated", "paravirtual", "polled"])
      for split in splits {
        let sum = split.parts.reduce(split.residual.nanoseconds) { $0 + $1.nanoseconds }
        #expect(abs(sum - split.total.nanoseconds) < 1e-6 * split.total.nanoseconds)
      }
      // Six registers, start, stop and status of the bus master; the drive's status, and the bus master's: what the driver
      // does for each read, counted exactly.
      let emulated = splits[0].parts
      #expect(emulated.first { $0.source.hasPrefix("monitor.port_writes") }?.count == 9)
      #expect(emulated.first { $0.source.hasPrefix("monitor.port_reads") }?.count == 2)
      let text = try Tool.run(["explain", folder.path("out/result.json")], in: folder)
      #expect(text.status == 0 && text.output.contains("residual: not explained"))
      let absent = try Tool.run(["explain", folder.path("out"), "block.write"], in: folder)
      #expect(absent.status == 64)
      #expect(absent.errors.contains("there is: block.randread backing=file bs=4KiB qd=1"))
      #expect(absent.errors.split(separator: "\n").count == 1)
    }

    @Test func whatCannotBeReadEndsWithOneLineAndStatus64() throws {
      let folder = try Folder()
      let broken = try folder.write("result.json", "{\"schema\": ")
      for arguments in [[folder.path("nowhere")], [broken]] {
        let outcome = try Tool.run(["explain"] + arguments, in: folder)
        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
      }
    }
  }
}
