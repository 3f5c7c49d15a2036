import Foundation
import Testing

@Suite(
  "The probe's virtio driver against devices that lie, and one that does not",
  .enabled(if: HostileProgram.hasCompilers, "needs swiftc and clang in PATH"))
struct HostileDeviceTests {
  @Test func whatCannotBeEndsTheDevicesUseWhatWentWrongIsAnErrnoEveryEventOwedComesNothingCrashes() throws {
    let folder = URL(filePath: NSTemporaryDirectory()).appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let output = try #require(try HostileProgram.run([HostileProgram.build(in: folder)]))
    let told = Set(output.split(whereSeparator: \.isNewline).map(String.init))
    for line in Self.expected { #expect(told.contains(line), "\(output)") }
  }

  private static let stray = "65535:-71 broken"

  private static var expected: [String] {
    let scenarios = [
      "truth": "5:0 whole", "short length": "5:0 whole", "long length": "5:-71 whole", "huge length": "5:-71 whole",
      "failure": "5:-5 whole", "unknown status": "5:-71 whole", "no status": "5:-71 whole", "idle tag": stray,
      "tag beyond the queue": stray, "huge tag": stray, "twice": "5:0 \(stray)",
    ]
    let lies = ["split", "split-events", "split-indirect", "packed-indirect"].flatMap { ring in
      scenarios.map { "\(ring) \($0.key): \($0.value)" }
    }
    let rings = [
      "split", "split-events", "split-indirect-events", "packed", "packed-events", "packed-indirect-events",
    ]
    let conversations = rings.flatMap { ring in
      [13, 64].flatMap { ["conversation \(ring) \($0): agreed", "polled conversation \(ring) \($0): agreed"] }
    }
    return lies + conversations + net + [
      "split inside a chain: \(stray)", "packed idle tag: \(stray)", "packed huge tag: \(stray)",
      "index ahead: \(stray)", "refusal tag: -11 -11", "refusal length: -22 -22 -22", "refusal place: -22 0 -22",
      "refusal twice: -11", "refusal operation: -22 -95", "refusal after: -5",
    ]
  }

  /// What the net driver says, by ring; a buffer has 2048 bytes, a mergeable one 4096.
  private static var net: [String] {
    let always = [
      "truth": "60 whole", "no frame": "broken", "longer than its buffer": "broken", "huge length": "broken",
      "no such buffer": "broken", "huge identifier": "broken", "refusals": "-22 -90 -90", "offloads": "-95 -95",
      "twice": "0 -11", "left": "1 whole", "left again": "broken -5", "fifty": "109 whole",
    ]
    let mergeable = [
      "in two": "4184 whole", "in none": "broken", "cut short": "broken", "with a hole": "broken",
      "out of order": "broken", "in more than there are": "broken", "around the end": "4184 whole",
    ]
    return ["split", "packed"].flatMap { ring in
      always.flatMap { ["net \(ring) \($0.key): \($0.value)", "net-mergeable \(ring) \($0.key): \($0.value)"] }
        + mergeable.map { "net-mergeable \(ring) \($0.key): \($0.value)" }
    }
  }
}
