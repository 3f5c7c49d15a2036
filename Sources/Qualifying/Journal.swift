import Glibc
import LinuxSystem
import Qualification
import Results
import Runner

/// The journal of a qualification: a line for each step's begin and end, on the disk before the step goes on, so that what was
/// finished is known after a crash of the host, and what was not.
///
/// A step that was begun in an earlier boot and neither ended nor was paused has crashed. It is not tried again: a host that went
/// down once is not qualified by standing the second time. One of the same boot was interrupted, and is repeated.
final class Journal {
  private(set) var entries: [JournalEntry]
  private let path: String

  private init(path: String, entries: [JournalEntry]) {
    self.path = path
    self.entries = entries
  }

  /// Begins a journal in a folder that has none.
  static func begin(_ directory: String, _ header: JournalHeader) throws(QualificationError) -> Journal {
    let journal = Journal(path: "\(directory)/\(JournalFile.name)", entries: [])
    var entry = JournalEntry(event: .begun, at: header.startedAt, boot: boot)
    entry.header = header
    journal.entries = [entry]
    let line = try JSONFile.encode(entry, pretty: false)
    do throws(FileError) { try AtomicFile.write(line, to: journal.path) } catch { throw .file(error) }
    return journal
  }

  /// Goes on with the journal of a folder. A last line that the crash cut short counts as not written.
  static func resume(_ directory: String) throws(QualificationError) -> Journal {
    let path = "\(directory)/\(JournalFile.name)"
    let bytes: [UInt8]
    do throws(FileError) { bytes = try AtomicFile.read(path) } catch { throw .file(error) }
    let end = bytes.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    let entries = try JournalFile.parse(Array(bytes[..<end]), path: path)
    if end < bytes.count {
      do throws(FileError) { try AtomicFile.write(Array(bytes[..<end]), to: path) } catch { throw .file(error) }
    }
    return Journal(path: path, entries: entries)
  }

  /// What was begun. Every journal that could be read has it.
  var header: JournalHeader? { entries.first?.header }

  /// Adds a line, and returns once the disk has it.
  func append(_ event: JournalEntry.Event, step: String? = nil, reason: String? = nil) throws(QualificationError) {
    var entry = JournalEntry(
      event: event, at: WallClock.now.text, step: step, reason: reason, boot: Self.boot)
    entry.process = getpid()
    let line = try JSONFile.encode(entry, pretty: false)
    do throws(FileError) { try AtomicFile.append(line, to: path) } catch { throw .file(error) }
    entries.append(entry)
  }

  /// The running boot; "unknown" where the kernel does not say.
  static var boot: String { BootIdentifier.current ?? "unknown" }
}
