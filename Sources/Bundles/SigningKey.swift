import Crypto
import LinuxSystem
import Results
import SystemPackage

/// Ed25519 keys (RFC 8032) as PEM files that OpenSSL reads and writes as well: PKCS #8 for the private key, SPKI for the public
/// one (RFC 8410).
public struct SigningKey: Sendable {
  private static let privateHeader: [UInt8] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ]
  private let key: Curve25519.Signing.PrivateKey
  public var verifying: VerifyingKey { VerifyingKey(key.publicKey) }

  /// Makes a key and writes it, readable by its owner only, with its public half beside as `PATH.pub`. An existing file is
  /// never replaced.
  public static func create(_ path: String) throws(BundleError) -> SigningKey {
    let key = SigningKey(key: Curve25519.Signing.PrivateKey())
    let text = PEM.encode(privateHeader + [UInt8](key.key.rawRepresentation), label: "PRIVATE KEY")
    guard !AtomicFile.exists(path) else {
      throw .file(FileError(.writing, "make \(path)", .fileExists, kept: "It is not replaced."))
    }
    do throws(FileError) {
      // Without the key, its public half is of no use and made again; without that, the key could not be checked.
      try AtomicFile.write([UInt8](key.verifying.pem.utf8), to: "\(path).pub")
      try AtomicFile.createPrivate([UInt8](text.utf8), at: path)
    } catch { throw .file(error) }
    return key
  }

  /// Reads a private key.
  public static func read(_ path: String) throws(BundleError) -> SigningKey {
    if let mode = FileKind.permissions(path), mode & 0o077 != 0 {
      throw .usage(
        "\(path): expected a private key that its owner alone may read, found the permissions \(String(mode, radix: 8)): "
          + "chmod 600 \(path), and make another key if somebody else may have seen it")
    }
    let bytes = try PEM.read(path, label: "PRIVATE KEY", what: "an Ed25519 private key")
    guard bytes.starts(with: privateHeader), bytes.count == privateHeader.count + 32,
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes.dropFirst(privateHeader.count))
    else {
      throw .usage("\(path): expected an Ed25519 private key (openssl genpkey -algorithm ed25519), found another")
    }
    return SigningKey(key: key)
  }

  private init(key: Curve25519.Signing.PrivateKey) { self.key = key }

  /// 64 bytes.
  func sign(_ bytes: [UInt8]) throws(BundleError) -> [UInt8] {
    do { return [UInt8](try key.signature(for: bytes)) } catch { throw .usage("cannot sign: \(error)") }
  }
}

/// The public half of a key.
public struct VerifyingKey: Sendable, Equatable {
  private static let header: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
  private let bytes: [UInt8]

  init(_ key: Curve25519.Signing.PublicKey) { bytes = [UInt8](key.rawRepresentation) }

  /// Reads a public key from a file.
  public static func read(_ path: String) throws(BundleError) -> VerifyingKey {
    let bytes = try PEM.read(path, label: "PUBLIC KEY", what: "an Ed25519 public key")
    guard let key = VerifyingKey(der: bytes) else {
      throw .usage("\(path): expected an Ed25519 public key, found another")
    }
    return key
  }

  /// From a PEM text; nil where it is none.
  init?(pem: [UInt8]) {
    guard let bytes = PEM.decode(pem, label: "PUBLIC KEY"), let key = VerifyingKey(der: bytes) else { return nil }
    self = key
  }

  private init?(der: [UInt8]) {
    guard der.starts(with: Self.header), der.count == Self.header.count + 32 else { return nil }
    bytes = Array(der.dropFirst(Self.header.count))
  }

  public var pem: String { PEM.encode(Self.header + bytes, label: "PUBLIC KEY") }

  /// SHA-256 of the key's 32 bytes, in Base64: what people compare.
  public var fingerprint: String { "SHA256:\(Base64.encode(SHA256.hash(data: bytes)))" }

  func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
    return key.isValidSignature(signature, for: message)
  }
}
