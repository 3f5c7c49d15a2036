import ArgumentParser
import Images

/// `nearmetal image rebase`.
struct ImageRebaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebase", abstract: "Gives an image another parent, with its content as it is.",
    discussion: """
      Examples:
        nearmetal image rebase -b newbase.qcow2 -F qcow2 overlay.qcow2
        nearmetal image rebase -b "" overlay.qcow2      takes everything over and has no parent then
        nearmetal image rebase -u -b moved.qcow2 overlay.qcow2
      """)

  @Argument(help: "The image.")
  var image: String
  @OptionGroup var source: ImageSource
  @Option(
    name: [.customShort("b"), .customLong("backing")],
    help: "The new parent, as it is to be written down; empty for none.")
  var backing: String
  @Option(name: [.customShort("F"), .customLong("backing-format")], help: "The new parent's format.")
  var backingFormat: ImageFormat?
  @Flag(
    name: [.customShort("u"), .customLong("unsafe")],
    help: "Only writes the name down: the new parent is known to hold the same.")
  var unsafe = false
  @Flag(name: [.customShort("p"), .customLong("progress")], help: "Shows progress; on a terminal always.")
  var progress = false

  func run() throws {
    let shown = ImageProgress("comparing parents of \(image)", isShown: progress || ProgressLine.isUseful)
    defer { shown.finish() }
    try imageWork { () throws(ImageError) in
      try ImageRebase.rebase(
        image, onto: backing, format: backingFormat, source.options, isUnsafe: `unsafe`, shown.task)
    }
  }
}
