import LinuxSystem

/// What a journal kept of a run that did not come to its end.
public struct KeptRun: Sendable {
  /// The run as far as it came, marked as interrupted. Holds the legs of the block that was cut short too, as far as they were kept.
  public let result: RunResult
  /// How the last whole block ended; nil where none did.
  public let end: RunJournal.BlockEnd?
  /// The boot of the host in which the run began; nil where the kernel did not say.
  let boot: String?
  /// Bytes of the journal up to the end of the last whole block.
  let wholeBytes: Int

  /// More than any run has.
  private static let mostBlocks = 1_000_000
  private static let mostSeconds = 1e8

  /// Blocks that are whole.
  public var blocks: Int { end?.blocks ?? 0 }

  /// The run as it goes on now.
  /// - Parameter time: ISO 8601.
  public func resumed(at time: String) -> RunRecord {
    var run = result.run
    run.interrupted = false
    let isOther = boot.flatMap { boot in BootIdentifier.current.map { $0 != boot } }
    run.resumptions = (run.resumptions ?? []) + [ResumptionRecord(at: time, blocks: blocks, isOtherBoot: isOther)]
    return run
  }

  /// Legs of whole blocks.
  public var wholeLegs: [LegRecord] { result.legs.filter { $0.block < blocks } }

  /// Whether a directory holds a journal.
  public static func isIn(_ directory: String) -> Bool { AtomicFile.exists("\(directory)/\(RunJournal.fileName)") }

  /// Reads the journal of a directory. A last line that was not written whole is left out, as are the bytes that a file system makes up
  /// after a loss of power.
  public static func read(_ directory: String) throws(DocumentReadError) -> KeptRun {
    let path = "\(directory)/\(RunJournal.fileName)"
    let bytes: [UInt8]
    do throws(FileError) { bytes = try AtomicFile.read(path) } catch { throw .unreadable(error) }
    var (begun, boot): (RunResult?, String?) = (nil, nil)
    var (legs, end): ([LegRecord], RunJournal.BlockEnd?) = ([], nil)
    var (line, place, whole) = (0, 0, 0)
    while let length = bytes[place...].firstIndex(of: 0x0a).map({ $0 - place }) {
      line += 1
      let entry: RunJournal.Entry
      do throws(JSONProblem) { entry = try JSONText.decode(from: Array(bytes[place..<place + length])) } catch {
        // Past the last block that the disk was waited for anything may be missing.
        if begun != nil, !holdsBlockEnd(bytes[(place + length)...]) { break }
        throw .malformed(path: "\(path):\(line)", place: error.place, expected: error.expected)
      }
      place += length + 1
      if line == 1 {
        guard entry.schema == RunJournal.currentSchema, let result = entry.begun else {
          throw .malformed(
            path: "\(path):1", place: "schema", expected: "expected a journal of the schema \(RunJournal.currentSchema)"
          )
        }
        (begun, boot) = (result, entry.boot)
        whole = place
      }
      legs += entry.legs ?? []
      if let block = entry.block { (end, whole) = (block, place) }
    }
    guard var result = begun else {
      throw .malformed(path: "\(path):1", place: "schema", expected: "expected a journal, found no whole line")
    }
    if let end { result.run = end.run }
    result.run.interrupted = true
    result.legs = legs
    if let end,
      !(0...mostBlocks).contains(end.blocks) || !(0...mostSeconds).contains(end.ended)
        || !(0...end.ended).contains(end.began)
    {
      throw .malformed(path: path, place: "block", expected: "expected blocks and seconds that a run can have")
    }
    if let problem = ResultValidator.firstProblem(in: result) {
      throw .malformed(path: path, place: problem.place, expected: problem.expected)
    }
    return KeptRun(result: result, end: end, boot: boot, wholeBytes: whole)
  }

  /// Whether a line that ends a block comes after a place: then what is there was on the disk.
  private static func holdsBlockEnd(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.split(separator: 0x0a).contains { $0.starts(with: [UInt8](#"{"block":"#.utf8)) }
  }
}
