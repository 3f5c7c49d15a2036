import ArgumentParser
import Images

/// `nearmetal image repair`.
struct ImageRepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair", abstract: "Sets right what a check finds wrong: the same as check -r all.",
    discussion: """
      Exit status: 0 nothing is wrong any more; 2 something is that cannot be set right.

      Example: nearmetal image repair disk.qcow2
      """)

  @Argument(help: "The image.")
  var image: String
  @Option(
    name: [.customShort("f"), .customLong("source-format")],
    help: "vpc (vhd), vmdk or qcow2; the file says it unless given.")
  var sourceFormat: ImageFormat?
  @Option(help: "text or json.")
  var format = OutputFormat.text

  func run() throws { try ImageCheckCommand.check(image, sourceFormat, .all, format) }
}
