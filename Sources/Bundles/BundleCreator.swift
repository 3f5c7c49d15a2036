import LinuxSystem
import Qualification
import Results

/// Makes a bundle of a qualification's folder.
public enum BundleCreator {
  public struct Product: Sendable {
    public var path: String
    public var signer: VerifyingKey
    public var files: Int
    public var bytes: Int
  }

  /// Packs and signs what is consistent, and writes `output` and its detached signature, `output.sig`.
  ///
  /// - Parameters:
  ///   - directory: the folder of a finished qualification.
  ///   - key: signs the bundle's list of files and the bundle; its public half goes with them.
  ///   - output: the path of the bundle, `.tar.zst` by custom.
  ///   - tool: this program, for messages about reports that another version made.
  public static func create(
    _ directory: String, key: SigningKey, output: String, tool: ToolRecord
  ) throws(BundleError) -> Product {
    let files = try BundleFiles.collect(directory)
    // What a signature stands for should hold at least today.
    let outcome = Recomputation(files, tool: tool).outcome()
    if let first = (outcome.findings + outcome.wordedOtherwise).first { throw .inconsistent(first) }
    let bundle = try pack(files, key: key)
    let signature = try key.sign(bundle)
    do throws(FileError) {
      try AtomicFile.write(bundle, to: output)
      try AtomicFile.write(signature, to: "\(output).sig")
    } catch { throw .file(error) }
    return Product(path: output, signer: key.verifying, files: files.count, bytes: bundle.count)
  }

  /// The bundle's bytes: the same files and key always give the same.
  static func pack(_ files: [String: [UInt8]], key: SigningKey) throws(BundleError) -> [UInt8] {
    let record: QualificationRecord
    do throws(QualificationError) {
      record = try QualificationRecord.decode(
        files[QualificationRecord.fileName] ?? [], path: QualificationRecord.fileName)
    } catch { throw BundleError(error) }
    var files = files
    files[Manifest.signerName] = [UInt8](key.verifying.pem.utf8)
    let manifest = try Manifest(qualification: record.id, files).encoded()
    files[Manifest.fileName] = manifest
    files[Manifest.signatureName] = try key.sign(manifest)
    return try ArchiveWriter.pack(files)
  }
}
