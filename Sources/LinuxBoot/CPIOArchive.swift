/// Files for a kernel's initial RAM disk, as an archive in memory: cpio's "newc" format (Linux,
/// Documentation/driver-api/early-userspace/buffer-format.rst). A kernel unpacks one archive after the other, packed ones and others
/// mixed, and a later file replaces an earlier one of the same name: what a guest is to be told needs no image of its own.
public struct CPIOArchive: Sendable {
  /// Bytes that an archive may have.
  public static let most = 16 << 20

  private static let magic = "070701"
  private static let trailer = "TRAILER!!!"
  private static let longestName = 255

  /// Multiples of four.
  private var body: [UInt8] = []
  private var names: Set<String> = []

  public init() {}

  /// Adds a folder; those above it come first.
  public mutating func addFolder(_ name: String) throws(CPIOError) {
    try add(name, mode: 0o040_755, content: [])
  }

  /// Adds a plain file.
  /// - Parameters:
  ///   - name: a path without a slash at its beginning, of folders that were added.
  ///   - content: the file's bytes.
  ///   - isExecutable: whether it is a program.
  public mutating func addFile(_ name: String, _ content: [UInt8], isExecutable: Bool = false) throws(CPIOError) {
    try add(name, mode: isExecutable ? 0o100_755 : 0o100_644, content: content)
  }

  /// The archive with its end.
  public func bytes() -> [UInt8] { body + Self.entry(Self.trailer, number: 0, mode: 0, content: []) }

  /// An initial RAM disk with the archive behind it, at a place where the kernel looks for one.
  public func appended(to initrd: [UInt8]) -> [UInt8] {
    // Zeros between archives are passed over; one that is not packed begins at a multiple of four.
    initrd + [UInt8](repeating: 0, count: (4 - initrd.count % 4) % 4) + bytes()
  }

  private mutating func add(_ name: String, mode: UInt32, content: [UInt8]) throws(CPIOError) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...Self.longestName).contains(name.utf8.count), !name.utf8.contains(0), name != Self.trailer,
      !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." })
    else { throw .name(name) }
    guard names.insert(name).inserted else { throw .twice(name) }
    let entry = Self.entry(name, number: UInt32(names.count), mode: mode, content: content)
    guard body.count + entry.count + Self.entry(Self.trailer, number: 0, mode: 0, content: []).count <= Self.most else {
      throw .tooLarge(name)
    }
    body += entry
  }

  /// Head, name and content, each filled up to a multiple of four. Times and owners are zero: the same files, the same bytes.
  private static func entry(_ name: String, number: UInt32, mode: UInt32, content: [UInt8]) -> [UInt8] {
    let fields: [UInt32] = [
      number, mode, 0, 0, mode & 0o170_000 == 0o040_000 ? 2 : 1, 0, UInt32(clamping: content.count), 0,
      0, 0, 0, UInt32(name.utf8.count + 1), 0,
    ]
    var bytes = Array(magic.utf8)
    for field in fields {
      let digits = String(field, radix: 16)
      bytes += Array(String(repeating: "0", count: 8 - digits.count).utf8) + Array(digits.utf8)
    }
    bytes += Array(name.utf8) + [0]
    fill(&bytes)
    bytes += content
    fill(&bytes)
    return bytes
  }

  private static func fill(_ bytes: inout [UInt8]) {
    bytes += [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
  }
}

/// What cannot be put into an archive.
public enum CPIOError: Error, CustomStringConvertible, Sendable, Equatable {
  case name(String)
  case twice(String)
  case tooLarge(String)

  public var description: String {
    switch self {
    case .name(let name):
      "\(name): no name for a file in an archive; expected a relative path of at most 255 bytes without . and .."
    case .twice(let name): "\(name): twice in one archive"
    case .tooLarge(let name): "\(name) does not fit into an archive of \(CPIOArchive.most >> 20) MiB"
    }
  }
}
