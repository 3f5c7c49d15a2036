import Crypto
import Definitions
import Glibc
import Results

/// SHA-256 (FIPS 180-4) of files and bytes, in hexadecimal.
public enum FileDigest {
  public static func sha256(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

  /// Reads a file piece by piece: the program itself may be large.
  public static func sha256(path: String) throws(QualificationError) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { _ = close(descriptor) }
    var hash = SHA256()
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe piece.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure(path) }
      if count == 0 { return hexadecimal(hash.finalize()) }
      hash.update(data: piece[..<count])
    }
  }

  private static func failure(_ path: String) -> QualificationError {
    .file(FileError("read \(path)", reason: unsafe String(cString: strerror(errno))))
  }

  private static func hexadecimal(_ digest: SHA256.Digest) -> String {
    digest.map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0\(text)" : text
    }.joined()
  }
}

extension Profile {
  /// SHA-256 of the file, in hexadecimal.
  public var sha256: String { FileDigest.sha256(bytes) }
}
