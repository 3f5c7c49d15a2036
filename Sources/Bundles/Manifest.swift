import Qualification
import Results

/// `manifest.json`: every other file of a bundle with its size and SHA-256. Its signature is `manifest.sig`, the 64 bytes of
/// Ed25519 over the file's bytes; the signer's public key, itself in the manifest, is `signer.pem`.
public struct Manifest: Codable, Sendable, Equatable {
  public static let currentSchema = "nearmetal.bundle/1"
  static let fileName = "manifest.json"
  static let signatureName = "manifest.sig"
  static let signerName = "signer.pem"

  public struct File: Codable, Sendable, Equatable {
    public var path: String
    public var size: Int
    /// In hexadecimal.
    public var sha256: String
  }

  public var schema: String
  /// The qualification's id.
  public var qualification: String
  /// Sorted by path.
  public var files: [File]

  init(qualification: String, _ files: [String: [UInt8]]) {
    schema = Self.currentSchema
    self.qualification = qualification
    self.files = files.sorted { $0.key < $1.key }.map { path, bytes in
      File(path: path, size: bytes.count, sha256: FileDigest.sha256(bytes))
    }
  }

  /// Canonical: keys sorted, no white space but a newline at the end.
  func encoded() throws(BundleError) -> [UInt8] {
    do throws(JSONProblem) { return try JSONText.encode(self, pretty: false) } catch {
      throw .usage("cannot keep the manifest: \(error)")
    }
  }

  static func decode(_ bytes: [UInt8]) -> Manifest? { try? JSONText.decode(from: bytes) }
}
