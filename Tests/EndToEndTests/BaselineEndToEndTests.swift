import Foundation
import Results
import Testing

extension EndToEnd {
  /// The baselines of this repository, by the commands that a user keeps and gates them with. Nothing is measured.
  @Suite("Recorded baselines", .serialized)
  struct BaselineEndToEndTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Baselines").path

    private struct Row: Decodable {
      let name: String
      let fingerprint: String
      let note: String
    }

    private func rows(_ folder: Folder) throws -> [Row] {
      let outcome = try Tool.run(["baseline", "list", "--directory", Self.directory, "--format", "json"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try JSONDecoder().decode([Row].self, from: Data(outcome.output.utf8))
    }

    @Test func everyHostOfTheTableHasItsBaselineAndEveryBaselineSaysHowItWasMade() throws {
      let folder = try Folder()
      let rows = try rows(folder)
      #expect(!rows.isEmpty && rows.allSatisfy { !$0.note.isEmpty })
      let table = try String(contentsOfFile: "\(Self.directory)/README.md", encoding: .utf8)
      for row in rows { #expect(table.contains("| \(row.fingerprint) |"), "\(row.fingerprint)") }
    }

    @Test func aRunGatedAgainstItselfShowsNoChangeAndASlowerOneFails() throws {
      let folder = try Folder()
      for row in try rows(folder) {
        let path = "\(Self.directory)/\(row.fingerprint)/\(row.name)"
        // A bill: it is not written again, since nothing scatters in it.
        guard !FileManager.default.fileExists(atPath: "\(path)/bill.json") else {
          let same = try Tool.run(
            ["gate", "--base-bill", row.name, "--head-bill", path, "--directory", Self.directory], in: folder)
          #expect(same.status == 0, "\(row.fingerprint) \(row.name): \(same.errors)")
          continue
        }
        func gate(_ head: String) throws -> Tool.Outcome {
          try Tool.run(
            ["gate", "--base", row.name, "--head", head, "--directory", Self.directory, "--alpha", "0.05"], in: folder)
        }
        let same = try gate(path)
        #expect([0, 7].contains(same.status), "\(row.fingerprint) \(row.name): \(same.errors)")
        #expect(!same.output.contains("regression"), "\(same.output)")

        var slow = try ResultStore.read(path)
        slow.run.id += "-slow"
        for index in slow.legs.indices {
          for metric in slow.legs[index].metrics.indices {
            let isHigher = slow.legs[index].metrics[metric].direction == .higher
            slow.legs[index].metrics[metric].value *= isHigher ? 0.25 : 4
          }
        }
        try ResultStore.write(slow, to: folder.path("slow"), replacing: true)
        #expect(try gate(folder.path("slow")).status == 2, "\(row.fingerprint) \(row.name)")
      }
    }
  }
}
