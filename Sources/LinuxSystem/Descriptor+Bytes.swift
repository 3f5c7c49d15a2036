import CLinux
import SystemPackage

extension Descriptor {
  /// Reads up to a buffer's length into it. Blocks as `read(2)` does.
  /// - Returns: how many bytes were read, 0 at the end.
  public borrowing func read(into buffer: inout [UInt8]) throws(Errno) -> Int {
    let descriptor = rawValue
    return try systemCall {
      unsafe buffer.withUnsafeMutableBytes { unsafe CLinux.read(descriptor, $0.baseAddress, $0.count) }
    }
  }

  /// Reads what is left of a file.
  /// - Parameter limit: the most bytes that are read.
  /// - Throws: the errno; EFBIG where there is more than the limit.
  public borrowing func readAll(limit: Int = .max) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try read(into: &piece)
      if count == 0 { return bytes }
      guard count <= limit - bytes.count else { throw .fileTooLarge }
      bytes += piece[..<count]
    }
  }

  /// Writes all of the bytes, in as many calls as it takes. Blocks as `write(2)` does.
  public borrowing func writeAll(_ bytes: [UInt8]) throws(Errno) { try Self.writeAll(bytes, to: rawValue) }

  /// Writes all of the bytes to a descriptor that somebody else owns.
  static func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(Errno) {
    var done = 0
    while done < bytes.count {
      let rest = bytes[done...]
      let count = try systemCall {
        unsafe rest.withUnsafeBytes { unsafe CLinux.write(descriptor, $0.baseAddress, $0.count) }
      }
      // A write of more than nothing that writes nothing would be asked for ever (write(2): not specified for devices).
      guard count > 0 else { throw .ioError }
      done += count
    }
  }

  /// Returns once the disk has what was written (`fsync(2)`).
  public borrowing func synchronize() throws(Errno) {
    let descriptor = rawValue
    _ = try systemCall { fsync(descriptor) }
  }
}
