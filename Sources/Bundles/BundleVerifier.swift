import LinuxSystem
import Qualification
import Results

/// Checks a bundle, on any machine: it needs neither KVM nor a network.
public enum BundleVerifier {
  /// - Parameters:
  ///   - path: the bundle; its detached signature is looked for beside it, as `path.sig`.
  ///   - key: the key that must have signed; nil accepts any and says which it was.
  ///   - tool: this program, for messages about reports that another version made.
  /// - Throws: where the file is no bundle, or cannot be read.
  public static func verify(_ path: String, key: VerifyingKey?, tool: ToolRecord) throws(BundleError) -> Verification {
    let bytes = try read(path)
    let detached = AtomicFile.exists("\(path).sig") ? try read("\(path).sig") : nil
    return try verify(bytes, detached: detached, name: path, key: key, tool: tool)
  }

  /// The measured result in a bundle, for whoever wants no more of it, and what verifying it found.
  /// - Parameters:
  ///   - path: the bundle; see ``verify(_:key:tool:)``.
  ///   - key: the key that must have signed; nil accepts any.
  ///   - tool: this program.
  /// - Returns: no result where the bundle holds none, or is not what it says.
  public static func result(
    _ path: String, key: VerifyingKey?, tool: ToolRecord
  ) throws(BundleError) -> (Verification, [UInt8]?) {
    let bytes = try read(path)
    let detached = AtomicFile.exists("\(path).sig") ? try read("\(path).sig") : nil
    let verification = try verify(bytes, detached: detached, name: path, key: key, tool: tool)
    guard verification.findings.isEmpty, let files = try? ArchiveReader.unpack(bytes) else {
      return (verification, nil)
    }
    return (verification, files[ResultStore.fileName])
  }

  static func verify(
    _ bytes: [UInt8], detached: [UInt8]?, name: String, key: VerifyingKey?, tool: ToolRecord
  ) throws(BundleError) -> Verification {
    // A bundle whose first bytes were changed is still one where somebody signed it.
    guard bytes.starts(with: ArchiveReader.magic) || detached != nil else {
      throw .usage("\(name): expected a bundle (tar.zst), found something that is not compressed by Zstandard")
    }
    var report = Verification(
      findings: [], signer: nil, isSignerTrusted: false, hasDetachedSignature: detached != nil, files: 0,
      qualification: nil)
    // Somebody else's signature beside it, or none of the expected key: not even the archive is looked into.
    if let key, let detached, !key.verifies(detached, of: bytes) {
      report.findings.append(Self.detachedFinding(name, key))
      return report
    }
    let files: [String: [UInt8]]
    do throws(ArchiveProblem) { files = try ArchiveReader.unpack(bytes) } catch {
      report.findings.append(Finding(name, error.text))
      return report
    }
    guard let text = files[Manifest.fileName] else {
      if detached == nil { throw .usage("\(name): expected a bundle, found an archive without \(Manifest.fileName)") }
      report.findings.append(Finding(Manifest.fileName, "is not there"))
      return report
    }
    // Nothing is parsed that nobody has signed, and nothing that is not what was signed.
    checkSignatures(files, text, bytes, detached, name, key, &report)
    guard report.findings.isEmpty else { return report }
    guard let manifest = Manifest.decode(text), manifest.schema == Manifest.currentSchema else {
      report.findings.append(Finding(Manifest.fileName, "is no manifest of the schema \(Manifest.currentSchema)"))
      return report
    }
    checkFiles(files, manifest, text, &report)
    guard report.findings.isEmpty else { return report }
    let content = files.filter { !isOwn($0.key) }
    report.qualification = try? QualificationRecord.decode(
      content[QualificationRecord.fileName] ?? [], path: QualificationRecord.fileName)
    let outcome = Recomputation(content, tool: tool).outcome()
    report.findings += outcome.findings
    let remarks =
      outcome.wordedOtherwise.map { "\($0)" }
      + ShippedProfile.remarks(content[QualificationRecord.profileName] ?? [])
    if !remarks.isEmpty { report.remarks = remarks }
    return report
  }

  private static func isOwn(_ name: String) -> Bool {
    [Manifest.fileName, Manifest.signatureName, Manifest.signerName].contains(name)
  }

  private static func read(_ path: String) throws(BundleError) -> [UInt8] {
    do throws(FileError) { return try AtomicFile.read(path) } catch { throw .file(error) }
  }

  // MARK: Signatures

  private static func checkSignatures(
    _ files: [String: [UInt8]], _ manifest: [UInt8], _ bytes: [UInt8], _ detached: [UInt8]?, _ name: String,
    _ key: VerifyingKey?, _ report: inout Verification
  ) {
    guard let signer = files[Manifest.signerName].flatMap(VerifyingKey.init(pem:)) else {
      report.findings.append(Finding(Manifest.signerName, "is no Ed25519 public key, so nothing says who signed"))
      return
    }
    if let key, key != signer {
      report.findings.append(
        Finding(
          Manifest.signerName,
          "the bundle was signed by \(signer.fingerprint), not by the expected key \(key.fingerprint)"))
    }
    if signer.verifies(files[Manifest.signatureName] ?? [], of: manifest) {
      report.signer = signer.fingerprint
      report.isSignerTrusted = key == signer
    } else {
      report.findings.append(
        Finding(
          Manifest.signatureName,
          "does not sign \(Manifest.fileName) with the key \(signer.fingerprint) of \(Manifest.signerName): the manifest was "
            + "changed, or signed anew by another key"))
    }
    if let detached, !(key ?? signer).verifies(detached, of: bytes) {
      report.findings.append(detachedFinding(name, key ?? signer))
    }
  }

  private static func detachedFinding(_ name: String, _ key: VerifyingKey) -> Finding {
    Finding(name, "its bytes are not those that \(name).sig signs with \(key.fingerprint)")
  }

  // MARK: Hashes

  private static func checkFiles(
    _ files: [String: [UInt8]], _ manifest: Manifest, _ text: [UInt8], _ report: inout Verification
  ) {
    report.files = manifest.files.count
    if (try? manifest.encoded()) != text {
      report.findings.append(Finding(Manifest.fileName, "is not in its canonical form"))
    }
    for file in manifest.files {
      guard let bytes = files[file.path] else {
        report.findings.append(Finding(file.path, "is in the manifest and not in the bundle"))
        continue
      }
      let found = FileDigest.sha256(bytes)
      if found != file.sha256 || bytes.count != file.size {
        report.findings.append(
          Finding(
            file.path,
            "has the SHA-256 \(found) and \(bytes.count) bytes; the manifest has \(file.sha256) and \(file.size)"))
      }
    }
    let named = Set(manifest.files.map(\.path) + [Manifest.fileName, Manifest.signatureName])
    for name in files.keys.sorted() where !named.contains(name) {
      report.findings.append(Finding(name, "is in the bundle and not in the manifest"))
    }
  }
}
