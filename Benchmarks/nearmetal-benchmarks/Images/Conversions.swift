import Glibc
import Images
import LinuxSystem
import Statistics
import Storage

/// Conversions from raw to each format and back, here and by qemu-img, side by side; neither waits for the disk.
struct Conversions {
  let folder: ImageFolder
  /// Bytes.
  let size: UInt64
  let blocks: Int
  /// Conversions of each side in a block, whose fastest counts. Where this machine is a guest, its kernel gives pages that lie free
  /// back to its host; a file that is written next pays a fault of the host's for each, up to five times what the copy costs. That
  /// only ever adds.
  private static let attempts = 3

  /// What a folder may hold of it.
  static let files = ["big.raw", "ours", "theirs", "big.image"]

  func print() throws {
    try DiskImage.prepare(path: folder["big.raw"], size: size, seed: 2)
    var rows = [["convert", "seconds", "qemu-img's", "speed over qemu-img", "95 % interval"]]
    for format in folder.formats {
      rows.append(try row("raw to \(format.name)", folder["big.raw"], .raw, to: format.format))
    }
    for format in folder.formats.dropFirst() {
      let image = folder["big.image"]
      try convert(folder["big.raw"], .raw, to: image, format.format)
      rows.append(try row("\(format.name) to raw", image, format.format, to: .raw))
      _ = unsafe unlink(image)
    }
    Swift.print("conversions of \(size >> 20) MiB in \(blocks) blocks, the fastest of \(Self.attempts) in each")
    Table.print(rows)
  }

  private func row(_ name: String, _ source: String, _ from: ImageFormat, to format: ImageFormat) throws -> [String] {
    var (ours, theirs): ([Double], [Double]) = ([], [])
    for block in 0..<blocks {
      var best = (ours: Double.infinity, theirs: Double.infinity)
      for attempt in 0..<Self.attempts {
        for isOurs in (block + attempt) % 2 == 0 ? [true, false] : [false, true] {
          let target = folder[isOurs ? "ours" : "theirs"]
          let seconds = try seconds(source, from, to: target, format, isOurs: isOurs)
          if isOurs { best.ours = min(best.ours, seconds) } else { best.theirs = min(best.theirs, seconds) }
          _ = unsafe unlink(target)
        }
      }
      ours.append(best.ours)
      theirs.append(best.theirs)
    }
    let ratio = try PairedLogRatio(mode: ours, reference: theirs, higherIsBetter: false)
    return [
      name, Table.number(ours.median, 2), Table.number(theirs.median, 2), Table.number(ratio.estimate, 3),
      Table.interval(ratio),
    ]
  }

  private func seconds(
    _ source: String, _ from: ImageFormat, to target: String, _ format: ImageFormat, isOurs: Bool
  ) throws -> Double {
    // What was written before is not written back meanwhile.
    sync()
    let start = MonotonicClock.now
    if isOurs {
      try convert(source, from, to: target, format)
    } else {
      let command = "/usr/bin/qemu-img convert -f \(from.rawValue) -O \(format.rawValue) '\(source)' '\(target)'"
      guard unsafe system(command) == 0 else { throw Problem("\(command) failed") }
    }
    return Double(MonotonicClock.now &- start) / 1e9
  }

  private func convert(_ source: String, _ from: ImageFormat, to target: String, _ format: ImageFormat) throws {
    var settings = ImageConversion.Settings()
    settings.isDurable = false
    try ImageConversion.convert(
      VirtualDisk.open(source, OpenOptions(format: from)), to: target, ImageOptions(format, path: target), settings)
  }
}
