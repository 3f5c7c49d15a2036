import Foundation
import Testing

/// A number of a result.json may be any that JSON has: the file is refused, or rendered. A trap ends the test's process.
@Suite struct HostileNumberTests {
  private static let literals = [
    "9223372036854775807", "-9223372036854775808", "18446744073709551615", "-1", "0", "1e18", "1e30", "-1e308", "1e308",
    "5e-324",
  ]

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The run of the sample, with the workloads that have something of everything, and a calibration.
  private static func base() throws -> JSONNumbers {
    let bytes = try Data(contentsOf: root.appending(path: "Reports/sample/result.json"))
    var result = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
    // A little of everything: what is rendered thousands of times should be small.
    func isKept(_ record: [String: Any]) -> Bool {
      let workload = record["workload"] as? String ?? ""
      let parameters = record["parameters"] as? [String: String] ?? [:]
      let isDisk = workload == "block.randread" && parameters["qd"] == "1"
      return workload == "exits.mmio.doorbell"
        || (isDisk && parameters["backing"] == "file" && ["native", "paravirtual"].contains(record["mode"] as? String))
    }
    for field in ["legs", "comparisons", "summaries", "counted"] {
      result[field] = (result[field] as? [[String: Any]] ?? []).filter(isKept).map { record in
        var record = record
        if let counters = record["counters"] as? [[String: Any]] {
          record["counters"] = counters.filter {
            ($0["name"] as? String ?? "").hasPrefix("monitor.") || $0["timeRunning"] != nil
          }
        }
        if let metrics = record["metrics"] as? [[String: Any]] { record["metrics"] = Array(metrics.prefix(2)) }
        return record
      }
    }
    for (field, count) in [("claims", 2), ("counted", 1)] {
      result[field] = (result[field] as? [Any] ?? []).prefix(count).map(\.self)
    }
    let checks = (result["audit"] as? [String: Any])?["checks"] as? [Any] ?? []
    result["audit"] = ["checks": Array(checks.prefix(3)), "unavailable": [Any]()]
    var host = try #require(result["host"] as? [String: Any])
    for map in ["facts", "unavailable", "cpu", "kernel", "memory", "numa"] { host[map] = [String: String]() }
    host["kvm"] = ["backend": "pvm", "capabilities": ["IRQFD": 1]] as [String: Any]
    result["host"] = host
    let rate: [String: Any] = ["count": 1, "of": 100, "trials": 100, "high": 0.05, "low": 0.001, "level": 0.95]
    result["calibration"] =
      [
        "calibratedAt": "2026-11-22T10:15:00Z", "fingerprint": "f00d", "suite": "quick", "blocks": 10,
        "tool": (result["run"] as? [String: Any])?["tool"] as Any, "falseAlarms": rate, "gateAlarms": rate,
        "detections": [["injection": ["kind": "io-slow", "amount": 10.5], "rate": rate, "ratios": ["x": 0.9]]],
        "metrics": [
          [
            "machine": "nearmetal", "mode": "polled", "workload": "block.randread",
            "parameters": ["backing": "file", "bs": "4KiB", "qd": "1"], "metric": "iops", "pairs": 100,
            "noiseFloor": 0.01, "minimumDetectableEffect": 0.02, "blocksForFivePercent": 8, "iterations": 3,
            "variance": ["iteration": 0.01, "leg": 0.02, "block": 0.03],
          ]
        ],
      ] as [String: Any]
    return try JSONNumbers([UInt8](try JSONSerialization.data(withJSONObject: result)))
  }

  /// As many of the places as may hold the number at the same time.
  private static func accepted(
    _ places: ArraySlice<[JSONNumbers.Step]>, after taken: [[JSONNumbers.Step]], _ numbers: JSONNumbers,
    _ literal: String
  ) throws -> [[JSONNumbers.Step]] {
    if ResultConsumers.isRead(try numbers.replacing(taken + places, by: literal)) { return taken + places }
    if places.count < 2 { return taken }
    let half = places.count / 2
    let first = try accepted(places.prefix(half), after: taken, numbers, literal)
    return try accepted(places.dropFirst(half), after: first, numbers, literal)
  }

  @Test(arguments: literals)
  func aResultWithSuchANumberIsRefusedOrRendered(literal: String) throws {
    let numbers = try Self.base()
    let groups = Dictionary(grouping: numbers.places) { $0.first }
    #expect(numbers.places.count > 60)
    var rendered = 0
    for places in groups.values {
      let taken = try Self.accepted(places[...], after: [], numbers, literal)
      guard !taken.isEmpty else { continue }
      rendered += 1
      ResultConsumers.consume(try numbers.replacing(taken, by: literal))
    }
    #expect(rendered > 0, "nothing was ever rendered")
  }
}
