import CLinux
import LinuxSystem
import SystemPackage

/// `run.jsonl` in a run's directory while the run goes on: what was measured so far, so that whatever ends the program costs the
/// block that it was in and no more. JSON, a line an entry: the run, then the legs as they come, and a line for the end of each
/// block, at which the disk has all of it.
///
/// Used by the run's own thread. A journal that cannot be written ends no run: it says so once, and keeps nothing from then on.
public final class RunJournal {
  public static let fileName = "run.jsonl"
  static let currentSchema = "nearmetal.run/1"

  /// A line.
  struct Entry: Codable {
    /// Of the first line.
    var schema: String?
    /// The boot of the host in which the run began.
    var boot: String?
    /// The run as it began, without legs.
    var begun: RunResult?
    /// What a group of sessions brought.
    var legs: [LegRecord]?
    /// A block is whole.
    var block: BlockEnd?
  }

  /// Where a run stands after a block.
  public struct BlockEnd: Codable, Sendable, Equatable {
    /// Blocks that are whole.
    public var blocks: Int
    /// Seconds from the run's beginning to that of the block and to its end; time in which the program did not run is left out.
    public var began: Double
    public var ended: Double
    /// With what was decided so far.
    public var run: RunRecord

    public init(blocks: Int, began: Double, ended: Double, run: RunRecord) {
      self.blocks = blocks
      self.began = began
      self.ended = ended
      self.run = run
    }
  }

  private let path: String
  private var file: Descriptor?
  private let onFailure: (FileError) -> Void

  /// Begins a journal, in place of any that is there.
  /// - Parameters:
  ///   - result: the run without legs.
  ///   - directory: of the run; it is there.
  ///   - onFailure: told, once, why nothing more is kept.
  public init(
    beginning result: RunResult, in directory: String, onFailure: @escaping (FileError) -> Void
  ) throws(FileError) {
    path = "\(directory)/\(Self.fileName)"
    self.onFailure = onFailure
    let line: [UInt8]
    do throws(JSONProblem) {
      line = try JSONText.encode(
        Entry(schema: Self.currentSchema, boot: BootIdentifier.current, begun: result), pretty: false)
    } catch { throw FileError(.writing, "write \(path): \(error.place): \(error.expected)", .invalidArgument) }
    try AtomicFile.write(line, to: path)
    try open()
  }

  /// Goes on at the end of a file.
  init(writingTo path: String, onFailure: @escaping (FileError) -> Void) throws(FileError) {
    (self.path, self.onFailure) = (path, onFailure)
    try open()
  }

  /// Goes on with a journal: what it holds of a block that is not whole is cut off.
  public init(
    resuming kept: KeptRun, in directory: String, onFailure: @escaping (FileError) -> Void
  ) throws(FileError) {
    path = "\(directory)/\(Self.fileName)"
    self.onFailure = onFailure
    do throws(Errno) { _ = try systemCall { unsafe truncate(path, off_t(kept.wholeBytes)) } } catch {
      throw FileError(.writing, "cut \(path)", error)
    }
    try open()
  }

  private func open() throws(FileError) {
    do throws(SystemError) { file = try Descriptor.open(path, O_WRONLY | O_APPEND | O_NOFOLLOW) } catch {
      throw FileError(.writing, "append to \(path)", error.errno)
    }
  }

  /// Keeps what a group of sessions brought. The disk has it at the end of the block.
  public func append(_ legs: [LegRecord]) {
    if !legs.isEmpty { append(Entry(legs: legs)) }
  }

  /// Keeps that a block is whole, and waits until the disk has all of it.
  public func end(_ block: BlockEnd) {
    append(Entry(block: block))
    keep { () throws(Errno) in try file?.synchronize() }
  }

  /// Removes the journal, whose run is kept whole elsewhere.
  public static func remove(from directory: String) {
    try? AtomicFile.remove("\(directory)/\(fileName)")
  }

  private func append(_ entry: Entry) {
    guard file != nil else { return }
    // What a result cannot keep is said by the result.
    guard let line = try? JSONText.encode(entry, pretty: false) else { return }
    keep { () throws(Errno) in try file?.writeAll(line) }
  }

  private func keep(_ body: () throws(Errno) -> Void) {
    do throws(Errno) { try body() } catch {
      file = nil
      onFailure(FileError(.writing, "append to \(path)", error))
    }
  }
}
