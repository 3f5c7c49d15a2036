import ArgumentParser
import Images

/// `nearmetal image convert`.
struct ImageConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Copies the content of an image into one of another format.",
    discussion: """
      The copy has everything that the disk has, from its parents as well, and takes no space for zeros. It gets its name when it
      is whole and, unless -t unsafe says otherwise, on the disk.

      Examples:
        nearmetal image convert disk.vhd disk.vmdk
        nearmetal image convert -p -O vmdk -o subformat=streamOptimized disk.qcow2 disk.vmdk
      """)

  enum Cache: String, ExpressibleByArgument, CaseIterable {
    case writeback, unsafe
  }

  @Argument(help: "The image to read.")
  var image: String
  @Argument(help: "The image to make.")
  var output: String
  @OptionGroup var source: ImageSource
  @Option(
    name: [.customShort("O"), .customLong("output-format")],
    help: "raw, vpc (vhd), vmdk or qcow2; by the name unless given, else raw.")
  var outputFormat: ImageFormat?
  @Option(name: .customShort("o"), help: "NAME=VALUE,… of the output's format.")
  var options: [String] = []
  @Option(name: .customShort("S"), help: "Zeros of so many bytes take no space; 0 writes them all.")
  var sparse = "4k"
  @Option(name: .customShort("t"), help: "writeback waits for the disk at the end; unsafe does not.")
  var cache = Cache.writeback
  @Flag(name: [.customShort("p"), .customLong("progress")], help: "Shows progress; on a terminal always.")
  var progress = false
  @Flag(name: [.customShort("q"), .customLong("quiet")], help: "Shows none.")
  var quiet = false
  @Flag(help: "Replaces a file that is there.")
  var force = false

  func run() throws {
    guard let sparse = ImageOptions.bytes(sparse), sparse == 0 || sparse >= 512 && sparse & (sparse - 1) == 0,
      sparse <= 1 << 20
    else { throw ValidationError("-S: expected 0 or a power of two from 512 to 1M, found \(self.sparse)") }
    var settings = ImageConversion.Settings()
    settings.replaces = force
    settings.isDurable = cache == .writeback
    settings.sparse = Int(sparse)
    let shown = ImageProgress("converting \(image)", isShown: !quiet && (progress || ProgressLine.isUseful))
    defer { shown.finish() }
    let disk = try source.open(image)
    try imageWork { () throws(ImageError) in
      let made = try ImageOptions(outputFormat ?? ImageFormat(path: output) ?? .raw, options, path: output)
      try ImageConversion.convert(disk, to: output, made, settings, shown.task)
    }
  }
}
