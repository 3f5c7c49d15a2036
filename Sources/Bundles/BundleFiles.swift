import LinuxSystem
import Qualification
import Reports
import Results

/// Which files of a qualification's folder go into a bundle: what the outcome is made from, and what is made from that. Other
/// files stay where they are.
enum BundleFiles {
  static let log = "qualify.log"

  /// Reads them.
  static func collect(_ directory: String) throws(BundleError) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    let path = "\(directory)/\(QualificationRecord.fileName)"
    guard AtomicFile.exists(path) else {
      throw .usage(
        "\(directory): expected a finished qualification (nearmetal qualify … --output \(directory)), found no "
          + QualificationRecord.fileName)
    }
    let needed = [
      QualificationRecord.fileName, QualificationRecord.profileName, HostEvidence.fileName, JournalFile.name,
    ]
    for name in needed { files[name] = try read("\(directory)/\(name)") }
    let record: QualificationRecord
    do throws(QualificationError) {
      record = try QualificationRecord.decode(files[QualificationRecord.fileName] ?? [], path: path)
    } catch { throw BundleError(error) }
    var more = [log, ResultStore.fileName] + reportNames(directory)
    for check in record.requirements where check.kind == .check {
      // An id is fit for a file's name; a record that says otherwise did not come from a qualification.
      guard ArchiveName.isSafe(check.id), !check.id.contains("/") else {
        throw .usage("\(path): expected an id that is fit for a file's name, found \"\(check.id)\"")
      }
      more += ["checks/\(check.id)/check.json", "checks/\(check.id)/result.json"]
    }
    for name in more where AtomicFile.exists("\(directory)/\(name)") { files[name] = try read("\(directory)/\(name)") }
    return files
  }

  /// The derived files that this version makes of a folder's result.
  private static func reportNames(_ directory: String) -> [String] {
    guard let result = try? ResultStore.read(directory), let files = try? ReportWriter.render(result) else { return [] }
    return files.map(\.name)
  }

  private static func read(_ path: String) throws(BundleError) -> [UInt8] {
    do throws(FileError) { return try AtomicFile.read(path) } catch { throw .file(error) }
  }
}
