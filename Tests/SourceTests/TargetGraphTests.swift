import Foundation
import Testing

/// Which target may stand on which, by the package's own description.
@Suite struct TargetGraphTests {
  /// Direct dependencies among the package's own targets.
  private static let graph: [String: Set<String>] = (try? read()) ?? [:]

  private static func read() throws -> [String: Set<String>] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    let scratch = FileManager.default.temporaryDirectory.appending(path: "graph-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    // A folder of its own: the one of the build that runs these tests is locked.
    process.arguments = ["swift", "package", "--package-path", root, "--scratch-path", scratch, "dump-package"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let package = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
    var graph: [String: Set<String>] = [:]
    for target in package?["targets"] as? [[String: Any]] ?? [] {
      guard let name = target["name"] as? String else { continue }
      let names = (target["dependencies"] as? [[String: Any]] ?? []).compactMap { ($0["byName"] as? [Any])?.first }
      graph[name] = Set(names.compactMap { $0 as? String })
    }
    return graph.mapValues { $0.intersection(graph.keys) }
  }

  private func closure(_ target: String) -> Set<String> {
    var found: Set<String> = []
    var open = [target]
    while let next = open.popLast() {
      for dependency in Self.graph[next] ?? [] where found.insert(dependency).inserted { open.append(dependency) }
    }
    return found
  }

  @Test func theDescriptionIsRead() {
    #expect(Self.graph["Bundles"]?.contains("Qualification") == true, "swift package dump-package gave no targets")
  }

  @Test func aBundleIsVerifiedWithoutAMonitor() {
    let monitor: Set = [
      "CKVM", "KVM", "GuestMemory", "Devices", "VirtualMachine", "Storage", "Network", "Probe", "Machines", "Runner",
      "Qualifying",
    ]
    #expect(closure("Bundles").isDisjoint(with: monitor), "\(closure("Bundles").intersection(monitor))")
    #expect(closure("Reports").isDisjoint(with: monitor))
  }

  @Test func aRunKnowsNoDevice() {
    let devices: Set = ["Devices", "Storage", "Network", "VirtualMachine", "GuestMemory"]
    #expect(Self.graph["Runner"]?.isDisjoint(with: devices) == true)
  }

  @Test func theMathematicsStandsOnNothing() {
    #expect(Self.graph["Statistics"] == [])
  }
}
