import CLinux
import SystemPackage

/// Reads what the kernel says in procfs, sysfs and device folders, below a root that tests replace by a folder of their own.
///
/// Paths are given as on the host, absolute; the root is put in front. Nothing is cached: each call reads anew.
public struct HostFiles: Sendable {
  /// What is put in front of every path: "/" for the host itself.
  public let root: FilePath

  /// Longest file that is read. Kernel interfaces are far shorter; a longer file is an error, not a truncated fact.
  public static let longestFile = 16 << 20

  public init(root: FilePath = "/") {
    self.root = root
  }

  /// Whether this is the machine that the process runs on, so that CPUID and system calls tell about the same host.
  public var isThisHost: Bool { root == "/" }

  /// The path below the root.
  public func located(_ path: String) -> String {
    isThisHost ? path : root.string + path
  }

  /// All bytes of a file.
  public func bytes(_ path: String) throws(Unavailable) -> [UInt8] {
    let file: Descriptor
    do throws(SystemError) { file = try Descriptor.open(located(path), O_RDONLY) } catch {
      throw Unavailable("\(path): \(error.errno)")
    }
    do throws(Errno) { return try file.readAll(limit: Self.longestFile) } catch {
      throw Unavailable(
        error == .fileTooLarge ? "\(path): longer than \(Self.longestFile) bytes" : "\(path): \(error)")
    }
  }

  /// A file's text without white space at its ends. An empty file is an empty string.
  public func text(_ path: String) throws(Unavailable) -> String {
    String(decoding: try bytes(path), as: UTF8.self).trimmed
  }

  /// A file's lines, without empty ones.
  public func lines(_ path: String) throws(Unavailable) -> [Substring] {
    try text(path).split(separator: "\n")
  }

  /// A file that holds one decimal number.
  public func integer(_ path: String) throws(Unavailable) -> Int {
    let text = try text(path)
    guard let value = Int(text) else { throw Unavailable("\(path): \"\(text.prefix(40))\" is no number") }
    return value
  }

  /// The names in a folder, in natural order ("cpu2" before "cpu10"), without "." and "..".
  public func entries(_ path: String) throws(Unavailable) -> [String] {
    guard let folder = unsafe opendir(located(path)) else {
      throw Unavailable("\(path): \(Errno(rawValue: nm_errno()))")
    }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted(by: naturallyPrecedes)
  }

  /// Whether there is something at the path. A broken link counts as nothing.
  public func exists(_ path: String) -> Bool {
    unsafe access(located(path), F_OK) == 0
  }

  /// What a symbolic link says, as an absolute path on the host, without ".." (read lexically, not followed further).
  public func target(ofLink path: String) throws(Unavailable) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink(located(path), &buffer, buffer.count)
    guard count >= 0 else { throw Unavailable("\(path): \(Errno(rawValue: nm_errno()))") }
    let link = FilePath(String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self))
    return FilePath(path).removingLastComponent().pushing(link).lexicallyNormalized().string
  }
}
