import Glibc
import Images
import LinuxSystem
import Results

/// Inputs to begin with that the program makes itself: small files of each kind that are right.
enum FuzzSeeds {
  /// Writes those of a target into a folder; a target that needs none, or begins with files of the repository, has none.
  /// - Parameter result: path of a `result.json`.
  static func write(_ target: String, to folder: String, result: String) throws {
    switch target {
    case "vhd": try images(.vpc, [["subformat=fixed"], ["subformat=dynamic"]], folder)
    case "vmdk": try images(.vmdk, [["subformat=monolithicSparse"]], folder)
    case "qcow2": try images(.qcow2, [["cluster_size=512"], ["cluster_size=4096,compat=0.10"]], folder)
    case "result":
      try AtomicFile.write(try ResultStore.encode(try small(result)), to: "\(folder)/seed-result")
    case "journal": try journal(try small(result), folder)
    default: break
    }
  }

  private static func images(_ format: ImageFormat, _ options: [[String]], _ folder: String) throws {
    for (index, options) in options.enumerated() {
      let path = "\(folder)/seed-\(index)"
      try ImageCreation.create(path, ImageOptions(format, options, path: path), size: 64 << 10, replaces: true)
      let disk = try VirtualDisk.open(path, OpenOptions(format: format, readOnly: false))
      let data = [UInt8](repeating: 0xa5, count: 1024)
      unsafe try data.withUnsafeBytes { unsafe try disk.write($0, at: 4096) }
      try disk.flush()
    }
  }

  /// A run with a leg or two of everything, so that thousands of them can be read in a second.
  private static func small(_ path: String) throws -> RunResult {
    let file = try Descriptor.open(path, O_RDONLY)
    var result = try ResultStore.decode(try file.readAll(), path: path)
    result.legs = Array(result.legs.prefix(2))
    result.comparisons = Array(result.comparisons.prefix(2))
    result.variants = nil
    result.summaries = Array(result.summaries.prefix(2))
    result.claims = Array(result.claims.prefix(1))
    result.counted = result.counted.map { Array($0.prefix(1)) }
    return result
  }

  private static func journal(_ result: RunResult, _ folder: String) throws {
    var empty = result
    (empty.legs, empty.comparisons, empty.summaries) = ([], [], [])
    let journal = try RunJournal(beginning: empty, in: folder) { fatalError("\($0)") }
    journal.append(result.legs)
    journal.end(RunJournal.BlockEnd(blocks: 1, began: 0, ended: 1, run: result.run))
  }
}
