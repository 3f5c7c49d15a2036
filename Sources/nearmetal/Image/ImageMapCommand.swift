import ArgumentParser
import Images

/// `nearmetal image map`.
struct ImageMapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map", abstract: "Says where each stretch of a disk lies, and in which image of its chain.",
    discussion: "Example: nearmetal image map overlay.qcow2 --format json")

  @Argument(help: "The image.")
  var image: String
  @OptionGroup var source: ImageSource
  @Option(help: "text or json.")
  var format = OutputFormat.text

  func run() throws {
    let disk = try source.open(image)
    var extents: [DiskExtent] = []
    try imageWork { () throws(ImageError) in
      try disk.map { (extent) throws(ImageError) in
        if format == .json { extents.append(extent) } else { printLine(Self.line(extent)) }
      }
    }
    if format == .json { try printJSON(extents) }
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
