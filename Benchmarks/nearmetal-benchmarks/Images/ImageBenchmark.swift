import ArgumentParser
import Glibc
import Images
import LinuxSystem
import Statistics
import Storage

/// What an image costs over a raw file of the same content, and over QEMU on the same image: the storage engine alone, no guest.
struct ImageBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images",
    abstract: "Reads and writes in images of each format against raw files and qemu-img, and conversions against it.",
    discussion: "Example: nearmetal-benchmarks images --only qcow2 --convert 0")

  @Option(help: "Blocks; each measures every side, in random order.")
  var blocks = 10
  @Option(help: "Turns of each side in a block.")
  var turns = 20
  @Option(help: "Milliseconds of a turn.")
  var turn: UInt64 = 5
  @Option(help: "MiB of the disk.")
  var size: UInt64 = 256
  @Option(help: "MiB that are converted; 0 converts nothing.")
  var convert: UInt64 = 4096
  @Option(help: "Measures this format alone: vhd, vmdk or qcow2.")
  var only: String?
  @Option(help: "Requests of each run of qemu-img bench; 0 leaves QEMU out.")
  var requests = 20000
  @Option(help: "Where the images are made; it must have O_DIRECT.")
  var directory = "/var/tmp"

  func validate() throws {
    guard blocks >= 2 else { throw ValidationError("--blocks: an interval needs 2 or more") }
    guard turns >= 2, turn >= 1, size >= 16 else {
      throw ValidationError("expected 2 turns of 1 ms, and 16 MiB, or more")
    }
    if let only, !ImageFolder.formats.contains(where: { $0.name == only }) {
      throw ValidationError("--only: expected \(ImageFolder.formats.map(\.name).joined(separator: ", "))")
    }
  }

  func run() throws {
    let folder = try ImageFolder(in: directory, only: only)
    try folder.fill(size: size << 20)
    print("\(blocks) blocks of \(turns) turns of \(turn) ms, a disk of \(size) MiB, requests of 4 KiB")
    try compareToRaw(folder)
    if requests > 0 {
      if QEMUBench.isInstalled { try compareToQEMU(folder) } else { print("qemu-img is not installed") }
    }
    if convert > 0, QEMUBench.isInstalled {
      try Conversions(folder: folder, size: convert << 20, blocks: min(blocks, 5)).print()
    }
  }

  /// Every block allocated; each format against raw, turn by turn.
  private func compareToRaw(_ folder: ImageFolder) throws {
    var rows = [["allocated blocks", "format", "operations/s", "over raw", "95 % interval"]]
    for work in [
      EngineWork(name: "read, direct, qd 32", depth: 32, isDirect: true, writes: false),
      EngineWork(name: "read, file, qd 1", depth: 1, isDirect: false, writes: false),
      EngineWork(name: "write, direct, qd 32", depth: 32, isDirect: true, writes: true),
    ] {
      var logarithms: [String: [Double]] = [:]
      var rates: [String: [Double]] = [:]
      for block in 0..<blocks {
        let sides = try folder.formats.map { format in
          try EngineSide(
            name: format.name, folder.specification(format, isDirect: work.isDirect), work, seed: UInt64(block))
        }
        var windows: [String: [PairedRound.Turn]] = [:]
        for _ in 0..<turns {
          for side in sides.shuffled() {
            // The caches have just been another side's.
            _ = try side.window(turn * 250_000)
            windows[side.name, default: []].append(try side.window(turn * 1_000_000))
          }
        }
        for side in sides {
          let own = windows[side.name] ?? []
          let rounds = zip(own, windows["raw"] ?? []).map { PairedRound(mode: $0, reference: $1) }
          logarithms[side.name, default: []].append(
            try RoundEstimator.hodgesLehmann.logRatio(of: rounds, higherIsBetter: true))
          rates[side.name, default: []].append(own.map { $0.amount / $0.extent }.median * 1e9)
        }
      }
      for format in folder.formats {
        let ratio = try PairedLogRatio(logarithms: logarithms[format.name] ?? [])
        rows.append([
          work.name, format.name, Table.number((rates[format.name] ?? []).median, 0), Table.number(ratio.estimate, 4),
          format.name == "raw" ? "" : Table.interval(ratio),
        ])
      }
    }
    Table.print(rows)
  }

  /// The same requests in the same order here and by `qemu-img bench`.
  private func compareToQEMU(_ folder: ImageFolder) throws {
    var rows = [["as qemu-img bench", "format", "operations/s", "QEMU's", "over QEMU", "95 % interval"]]
    for work in QEMUBench.Work.all(requests: requests, size: size << 20) {
      for format in folder.formats where !work.allocates || format.name != "raw" {
        var (ours, theirs): ([Double], [Double]) = ([], [])
        for block in 0..<blocks {
          for isOurs in block % 2 == 0 ? [true, false] : [false, true] {
            let path = work.allocates ? try folder.makeEmpty(format, size: size << 20) : folder.path(format)
            let rate =
              isOurs
              ? try work.rate(folder.specification(format, path, isDirect: work.isDirect))
              : try work.rate(path, format)
            if isOurs { ours.append(rate) } else { theirs.append(rate) }
          }
        }
        let ratio = try PairedLogRatio(mode: ours, reference: theirs, higherIsBetter: true)
        rows.append([
          work.name, format.name, Table.number(ours.median, 0), Table.number(theirs.median, 0),
          Table.number(ratio.estimate, 3), Table.interval(ratio),
        ])
      }
    }
    Table.print(rows)
  }
}
