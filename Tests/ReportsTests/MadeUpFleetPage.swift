import Fleet
import Foundation
import LinuxSystem
import Reports
import Results

extension MadeUp {
  /// The page of eight hosts, one of which is slow, one missing and one left out.
  /// - Parameter texts: what stands wherever a result holds free text.
  static func fleetPage(_ texts: String) throws -> String {
    let folder = NSTemporaryDirectory() + "nearmetal-fleet-page-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for number in 0..<8 {
      var result = result(texts: texts, speed: number == 3 ? 0.5 : 0.96 + 0.001 * Double(number % 3))
      result.run.id = "r\(number)"
      result.host.facts = ["firmware.version": number == 3 ? texts : "1.0"]
      let host = "\(folder)/a-host-with-a-name-that-is-longer-than-a-phone-is-wide-\(number)"
      try AtomicFile.makeDirectory(host)
      try AtomicFile.write(try ResultStore.encode(result), to: "\(host)/\(ResultStore.fileName)")
    }
    try AtomicFile.write([1], to: "\(folder)/left-out.tar.zst")
    var reader = FleetReader(latest: "2100-01-01T00:00:00Z") { .failure(.init($0, "it is no bundle: \(texts)")) }
    reader.read(folder)
    reader.finish()
    return try FleetReport(reader, by: .model, expected: ["missing-\(texts)"], alpha: 0.01).html()
  }
}
