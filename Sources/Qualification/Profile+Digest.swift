import Definitions
import Results

extension Profile {
  /// SHA-256 of the file, in hexadecimal.
  public var sha256: String { FileDigest.sha256(bytes) }
}
