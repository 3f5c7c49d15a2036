import ArgumentParser
import Images

/// `nearmetal image info`.
struct ImageInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Says what an image is.",
    discussion: "Example: nearmetal image info disk.vmdk --format json")

  @Argument(help: "The image.")
  var image: String
  @OptionGroup var source: ImageSource
  @Option(help: "text or json.")
  var format = OutputFormat.text

  func run() throws {
    var options = source.options
    // Whatever there is to say of an image can be said without its parents.
    options.opensParents = false
    let info = try imageWork { () throws(ImageError) in try VirtualDisk.open(image, options).info }
    if format == .json { return try printJSON(info) }
    print("image: \(info.filename)")
    print("file format: \(info.format.rawValue)")
    print("virtual size: \(ImageText.size(info.virtualSize))")
    print("disk size: \(ImageText.size(info.actualSize))")
    if let size = info.clusterSize { print("cluster_size: \(size)") }
    if let parent = info.backingFilename {
      print("backing file: \(parent)\(info.backingFormat.map { " (\($0.rawValue))" } ?? "")")
    }
    for file in info.files.dropFirst() { print("extent: \(file)") }
    for detail in info.details { print("\(detail.name): \(detail.value)") }
  }
}
