import ArgumentParser
import Images

/// `nearmetal image commit`.
struct ImageCommitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "commit", abstract: "Writes what an image adds to its parent into the parent, and empties the image.",
    discussion: """
      Other images with the same parent read something else from then on. Ended in between, the image reads as it did; the same
      command goes on.

      Example: nearmetal image commit overlay.qcow2
      """)

  @Argument(help: "The image.")
  var image: String
  @OptionGroup var source: ImageSource
  @Flag(name: .customShort("d"), help: "Leaves the image as it is.")
  var keeps = false
  @Flag(name: [.customShort("p"), .customLong("progress")], help: "Shows progress; on a terminal always.")
  var progress = false

  func run() throws {
    let shown = ImageProgress("committing \(image)", isShown: progress || ProgressLine.isUseful)
    defer { shown.finish() }
    try imageWork { () throws(ImageError) in try ImageCommit.commit(image, source.options, keeps: keeps, shown.task) }
  }
}
