import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// What O_DIRECT asks of one file: powers of two, in bytes.
package struct DirectAlignment: Equatable, Sendable {
  /// Of a buffer's address.
  package var memory: Int
  /// Of offsets and lengths.
  package var offset: Int

  /// Asks the kernel; where it does not say, tries reads of the first bytes at 512 and at 4096.
  package static func of(_ descriptor: Int32, path: String) throws(SystemError) -> DirectAlignment {
    var memory: UInt32 = 0
    var offset: UInt32 = 0
    if unsafe nm_direct_alignment(descriptor, &memory, &offset) == 0 {
      return DirectAlignment(memory: Int(memory), offset: Int(offset))
    }
    let page = try Mapping.anonymous(count: 8192)
    for alignment in [512, 4096]
    where unsafe pread(descriptor, page.base + (alignment & 4095), alignment, 0) == alignment {
      return DirectAlignment(memory: alignment, offset: alignment)
    }
    throw SystemError(
      "read \(path) with O_DIRECT", .invalidArgument,
      advice: "Its file system cannot: use the backing \"file\" instead.")
  }

  /// Whether a transfer can be made in place.
  package func allows(_ buffer: UnsafeMutableRawPointer, offset start: UInt64, count: Int) -> Bool {
    let address = UInt(bitPattern: buffer)
    return address & UInt(memory - 1) == 0 && (start | UInt64(count)) & UInt64(offset - 1) == 0
  }
}
