import ArgumentParser
import Images

/// `nearmetal image create`.
struct ImageCreateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Makes an empty image, or one that is a difference to another.",
    discussion: """
      Examples:
        nearmetal image create -f vpc -o subformat=dynamic disk.vhd 40G
        nearmetal image create -f qcow2 -b base.vmdk -F vmdk overlay.qcow2
        nearmetal image create -b base.vhd difference.vhd
      """)

  @Argument(help: "The image to make.")
  var image: String
  @Argument(help: "Bytes of the disk, with a suffix k, M, G or T; the parent's size unless given.")
  var size: String?
  @Option(
    name: [.customShort("f"), .customLong("target-format")],
    help: "raw, vpc (vhd), vmdk or qcow2; by the name unless given.")
  var targetFormat: ImageFormat?
  @Option(name: .customShort("o"), help: "NAME=VALUE,… of the format.")
  var options: [String] = []
  @Option(name: [.customShort("b"), .customLong("backing")], help: "The parent, as it is to be written down.")
  var backing: String?
  @Option(name: [.customShort("F"), .customLong("backing-format")], help: "The parent's format.")
  var backingFormat: ImageFormat?
  @Flag(help: "Lets the parent be outside the image's folder.")
  var allowParent = false
  @Flag(help: "Replaces a file that is there.")
  var force = false

  func run() throws {
    var bytes: UInt64?
    if let size {
      guard let number = ImageOptions.bytes(size) else {
        throw ValidationError("expected a size such as 10G, found \(size)")
      }
      bytes = number
    }
    try imageWork { () throws(ImageError) in
      try ImageCreation.create(
        image, try made(), size: bytes, replaces: force, allowsParentsAnywhere: allowParent)
    }
  }

  private func made() throws(ImageError) -> ImageOptions {
    var texts = options
    let format = targetFormat ?? ImageFormat(path: image) ?? .raw
    if let backing, format == .vpc { texts.insert("subformat=differencing,backing_file=\(backing)", at: 0) }
    var made = try ImageOptions(format, texts, path: image)
    if let backing { made.parentName = backing }
    if let backingFormat { made.parentFormat = backingFormat }
    return made
  }
}
