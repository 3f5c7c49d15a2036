import Bills
import Foundation
import Results
import TestSupport
import Testing

@Suite("A bill is kept in a file")
struct BillStoreTests {
  static func full() -> Bill {
    var line = MadeUp.line("exits.pio.user", [3447, 3449], counts: ["exits": 1, "userExits": 1])
    line.mean = BillFigure([3450, 3451])
    line.operations = BillFigure([100, 100])
    line.layers = ["guest.user": 52, "guest.kernel": 0, "kvm": 1826, "kernel": 1217, "monitor": 254, "libraries": 98]
    line.functions = [BillFunction(name: "kvm_arch_vcpu_ioctl_run", layer: "kvm", instructions: 401.5)]
    var bill = MadeUp.bill([
      line, MadeUp.line("exits.syscall", nil),
      MadeUp.line("net.pingpong", [1, 1], path: Path(.nearmetal, .paravirtual)),
    ])
    bill.host.kernel = "linux-image-cloud-amd64"
    bill.host.append = ["mitigations=auto"]
    return bill
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let bytes = try BillStore.encode(Self.full())
    #expect(try BillStore.decode(bytes, path: "b") == Self.full())
    #expect(try BillStore.encode(BillStore.decode(bytes, path: "b")) == bytes)
  }

  static let damages: [(old: String, new: String, place: String)] = [
    (#""nearmetal.bill/1""#, #""nearmetal.bill/2""#, "schema"),
    (#""passes" : 2"#, #""passes" : 3"#, "run.passes"),
    (#""reason" : "this host has none","#, "", "lines[1].reason"),
    (#""exits.syscall""#, #""exits.pio.user""#, "lines[1]"),
    (#""backend" : "svm""#, #""backend" : "pvm""#, "host.backend"),
  ]

  @Test(arguments: damages.indices) func aDamagedFileIsRefusedWithItsPlace(index: Int) throws {
    let damage = Self.damages[index]
    let text = String(decoding: try BillStore.encode(Self.full()), as: UTF8.self)
    let range = try #require(text.range(of: damage.old))
    let damaged = text.replacingCharacters(in: range, with: damage.new)
    let error = #expect(throws: DocumentReadError.self) { try BillStore.decode([UInt8](damaged.utf8), path: "b.json") }
    #expect(error?.description.contains("b.json: \(damage.place)") == true, "\(error?.description ?? "")")
  }

  @Test func figuresThatAPassDoesNotHaveAreRefused() throws {
    var bill = Self.full()
    bill.lines[0].operations = BillFigure([1])
    let bytes = try BillStore.encode(bill)
    #expect(throws: DocumentReadError.self) { try BillStore.decode(bytes, path: "b") }
  }

  @Test(.enabled(if: Python.first.has("jsonschema"), "python3 with jsonschema is not here"))
  func thePublishedSchemaAcceptsABillAndRefusesADamagedOne() throws {
    let text = String(decoding: try BillStore.encode(Self.full()), as: UTF8.self)
    let damaged = try Self.damages.filter { $0.place != "lines[1]" }.map { damage in
      text.replacingCharacters(in: try #require(text.range(of: damage.old)), with: damage.new)
    }
    let schema = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Reports/bill.schema.json").path
    let file = NSTemporaryDirectory() + "nearmetal-bills-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: file) }
    try JSONEncoder().encode([text] + damaged).write(to: URL(filePath: file))
    let verdicts = try Python.first.run(
      """
      import json, sys
      from jsonschema import Draft202012Validator
      schema = json.load(open(sys.argv[1]))
      Draft202012Validator.check_schema(schema)
      for text in json.load(open(sys.argv[2])):
          print('invalid' if list(Draft202012Validator(schema).iter_errors(json.loads(text))) else 'valid')
      """, schema, file)
    #expect(verdicts == ["valid"] + damaged.map { _ in "invalid" })
  }

  @Test func asAResultItHasASummaryOfEachFigure() throws {
    var line = BillLine(Workload("exits.pio.user"), Path(.nearmetal, .guest), status: .ok, statistic: .median)
    line.instructions = BillFigure([3447, 3449])
    line.counts = ["exits": BillFigure([1, 1])]
    let skipped = BillLine(
      Workload("boot"), Path(.nearmetal, .guest), status: .skipped, reason: "no room", statistic: .single)
    let result = MadeUp.bill([line, skipped]).result
    #expect(result.host.fingerprint == "emulated-svm" && result.run.blocks == 2 && result.legs.isEmpty)
    #expect(result.summaries.map(\.metric) == ["instructions", "exits"])
    let first = try #require(result.summaries.first)
    #expect(first.mean == 3448 && first.low == 3447 && first.high == 3449 && first.direction == .lower)
    // It can be written and read like any other.
    let bytes = try ResultStore.encode(result)
    #expect(try ResultStore.decode(bytes, path: "r") == result)
  }
}
