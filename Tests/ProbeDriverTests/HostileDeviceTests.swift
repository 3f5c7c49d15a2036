import Foundation
import Testing

@Suite("The probe's virtio driver against devices that lie", .enabled(if: HostileProgram.hasCompilers, "needs swiftc and clang in PATH"))
struct HostileDeviceTests {
  @Test("What cannot be ends the device's use, what went wrong is an errno, and nothing crashes")
  func everyLieIsNoticed() throws {
    let folder = URL(filePath: NSTemporaryDirectory()).appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let output = try #require(try HostileProgram.run([HostileProgram.build(in: folder)]))
    let told = Set(output.split(whereSeparator: \.isNewline).map(String.init))
    let stray = "65535:-71 broken"
    let scenarios = [
      "truth": "5:0 whole", "short length": "5:0 whole", "long length": "5:-71 whole", "huge length": "5:-71 whole",
      "failure": "5:-5 whole", "unknown status": "5:-71 whole", "no status": "5:-71 whole", "idle tag": stray,
      "tag beyond the queue": stray, "huge tag": stray, "twice": "5:0 \(stray)",
    ]
    for ring in ["split", "split-events", "split-indirect", "packed-indirect"] {
      for (scenario, expected) in scenarios { #expect(told.contains("\(ring) \(scenario): \(expected)")) }
    }
    for line in [
      "split inside a chain: \(stray)", "packed idle tag: \(stray)", "packed huge tag: \(stray)",
      "index ahead: \(stray)", "refusal tag: -11 -11", "refusal length: -22 -22 -22", "refusal place: -22 0 -22",
      "refusal twice: -11", "refusal operation: -22 -95", "refusal after: -5",
    ] {
      #expect(told.contains(line))
    }
  }
}
