import ArgumentParser
import Fleet
import LinuxSystem

/// `nearmetal fleet collect`.
struct FleetCollectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collect",
    abstract: "Puts the last result of each host into one folder.",
    discussion: """
      A folder has a folder or a bundle for each host, as for nearmetal fleet report. What cannot be read, a bundle that is not what its \
      signature says, or is signed by another key than most, results from the future and slowed ones are named and stay where they are. \
      Collecting again takes what is newer.

      Exit status: 0 all of it is there; 3 some was left out, and is named; 64 there was none; 74 a file cannot be written.

      Examples:
        nearmetal fleet collect /var/spool/results /mnt/rack2 --output /shared/f
      """)

  @Argument(help: "Folders of results.")
  var folders: [String]
  @Option(help: "The folder that takes them; it is made where there is none.")
  var output: String
  @OptionGroup var signer: FleetSigner

  func run() throws {
    let reader = try FleetReader.read(folders, signer) { end(Status.usage, $0) }
    var there = try signer.reader()
    var collection = FleetCollection(output)
    do throws(FileError) {
      if AtomicFile.exists(output) { there.read(output) } else { try AtomicFile.makeDirectory(output) }
      there.finish()
      try collection.add(reader.hosts, existing: there.hosts)
    } catch { throw end(error) }
    var lines = ["\(collection.taken) taken, \(collection.known) there already or in a later result: \(output)"]
    lines += reader.leftOut.map { "left out: \($0.path): \($0.reason)" }
    try printText(lines.map { "\($0)\n" }.joined())
    if !reader.leftOut.isEmpty { throw Status.incompleteWorkload }
  }
}

extension FleetReader {
  /// Reads folders that a user named.
  /// - Parameters:
  ///   - folders: of results.
  ///   - signer: whose bundles count.
  ///   - fail: makes an error of a sentence: nothing is there, or no result of a host.
  static func read(_ folders: [String], _ signer: FleetSigner, fail: (String) -> any Error) throws -> FleetReader {
    var reader = try signer.reader()
    for folder in folders {
      guard AtomicFile.exists(folder) else { throw fail("\(folder): expected a folder of results, found nothing") }
      reader.read(folder)
    }
    reader.finish()
    guard !reader.hosts.isEmpty else {
      let first =
        reader.leftOut.first.map {
          "; the first of \(reader.leftOut.count) that were left out: \($0.path): \($0.reason)"
        } ?? ""
      throw fail("no result of a host in \(folders.joined(separator: ", "))\(first)")
    }
    return reader
  }
}
