import Foundation
import LinuxSystem
import SystemPackage
import Topology

/// A made-up host's files in a temporary folder that goes with its owner.
final class FileTree {
  private let root = FileManager.default.temporaryDirectory.appending(path: "file-tree-\(UUID().uuidString)").path
  var files: HostFiles { HostFiles(root: FilePath(root)) }
  var path: String { root }

  init(_ contents: [String: String]) throws {
    for (path, text) in contents { try write(path, text) }
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func write(_ path: String, _ text: String) throws {
    let url = URL(filePath: root + path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }
}
