import ArgumentParser
import Images

/// `nearmetal image info`.
struct ImageInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Says what an image is.",
    discussion: "Example: nearmetal image info disk.vmdk --format json")

  @OptionGroup var asked: ImageQuestion

  func run() throws {
    var options = asked.source.options
    // Whatever there is to say of an image can be said without its parents.
    options.opensParents = false
    let info = try imageWork { () throws(ImageError) in try VirtualDisk.open(asked.image, options).info }
    if asked.format == .json { return try printJSON(info) }
    printLine("image: \(info.filename)")
    printLine("file format: \(info.format.rawValue)")
    printLine("virtual size: \(ImageText.size(info.virtualSize))")
    printLine("disk size: \(ImageText.size(info.actualSize))")
    if let size = info.clusterSize { printLine("cluster_size: \(size)") }
    if let parent = info.backingFilename {
      printLine("backing file: \(parent)\(info.backingFormat.map { " (\($0.rawValue))" } ?? "")")
    }
    for file in info.files.dropFirst() { printLine("extent: \(file)") }
    for detail in info.details { printLine("\(detail.name): \(detail.value)") }
  }
}
