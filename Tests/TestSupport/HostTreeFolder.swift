import Foundation
import LinuxSystem
import SystemPackage

/// A made-up host's files in a temporary folder that goes with its owner.
public final class HostTreeFolder {
  private let root: String
  public let files: HostFiles

  public init(_ contents: [String: String]) throws {
    root = FileManager.default.temporaryDirectory.appending(path: "host-tree-\(UUID().uuidString)").path
    files = HostFiles(root: FilePath(root))
    for (path, text) in contents { try write(path, text) }
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  public func write(_ path: String, _ text: String) throws {
    let url = URL(filePath: root + path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Every file by its path on the made-up host.
  public func contents() throws -> [String: String] {
    var all: [String: String] = [:]
    for case let path as String in FileManager.default.enumerator(atPath: root) ?? .init() {
      if let text = try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8) { all["/\(path)"] = text }
    }
    return all
  }
}
