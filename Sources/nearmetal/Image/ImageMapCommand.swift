import ArgumentParser
import Images

/// `nearmetal image map`.
struct ImageMapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map", abstract: "Says where each stretch of a disk lies, and in which image of its chain.",
    discussion: "Example: nearmetal image map overlay.qcow2 --format json")

  @OptionGroup var asked: ImageQuestion

  func run() throws {
    let disk = try asked.source.open(asked.image)
    var extents: [DiskExtent] = []
    try imageWork { () throws(ImageError) in
      try disk.map { (extent) throws(ImageError) in
        if asked.format == .json { extents.append(extent) } else { printLine(Self.line(extent)) }
      }
    }
    if asked.format == .json { try printJSON(extents) }
  }

  private static func line(_ extent: DiskExtent) -> String {
    let place =
      switch (extent.filename, extent.offset) {
      case (.some(let name), .some(let offset)): "\(name) at \(offset)"
      case (.some(let name), nil): "\(name), compressed"
      default: extent.present ? "zeros" : "nothing"
      }
    return "\(extent.start) \(extent.length) \(place)"
  }
}
