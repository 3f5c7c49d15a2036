import CLinux
import Foundation
import Glibc
import LinuxSystem
import Storage

@testable import Images

/// A folder for images that is removed with it.
final class ImageFixture {
  let path: String

  init() {
    // In memory where that can be: thousands of images are made durable.
    let folder = isUsable("/dev/shm") ? "/dev/shm" : "/var/tmp"
    var template = Array("\(folder)/nearmetal-images-XXXXXX".utf8CString)
    precondition(unsafe mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  subscript(name: String) -> String { "\(path)/\(name)" }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Another program that knows images.
struct OtherTool {
  let path: String

  /// Nil where the program is not installed.
  init?(_ name: String) {
    guard
      let found = ["/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin"].map({ "\($0)/\(name)" }).first(
        where: isExecutable)
    else {
      return nil
    }
    path = found
  }

  static let qemuImage = OtherTool("qemu-img")
  static let qemuIO = OtherTool("qemu-io")
  static let vhdInfo = OtherTool("vhdiinfo")
  static let vmdkInfo = OtherTool("vmdkinfo")

  /// Runs it to its end.
  @discardableResult
  func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
  }
}
