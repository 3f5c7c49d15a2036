import Crypto
import LinuxSystem

/// SHA-256 (FIPS 180-4) of files and bytes, in hexadecimal.
public enum FileDigest {
  public static func sha256(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

  /// Reads a file piece by piece: the program itself may be large.
  public static func sha256(path: String) throws(FileError) -> String {
    var hash = SHA256()
    try AtomicFile.read(path) { hash.update(data: $0) }
    return hexadecimal(hash.finalize())
  }

  private static func hexadecimal(_ digest: SHA256.Digest) -> String {
    digest.map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0\(text)" : text
    }.joined()
  }
}
