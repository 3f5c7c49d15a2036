import CLinux
import SystemPackage

/// Standard output, which the C library buffers for `print`.
public enum StandardOutput {
  /// Has everything that was printed so far written.
  /// - Returns: why some of it, now or earlier, could not be; nil where all of it was.
  public static func flush() -> Errno? {
    let code = nm_flush_standard_output()
    return code == 0 ? nil : Errno(rawValue: code)
  }

  /// Writes bytes past the buffer, which should be flushed: of what is longer than the buffer the C library keeps no errno.
  public static func write(_ bytes: [UInt8]) throws(Errno) { try Descriptor.writeAll(bytes, to: 1) }
}

/// Standard error, which is not buffered.
public enum StandardError {
  /// Writes a text. Where that cannot be done there is nobody left to tell.
  public static func write(_ text: String) {
    try? Descriptor.writeAll(Array(text.utf8), to: 2)
  }
}
