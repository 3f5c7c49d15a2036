import ArgumentParser
import Images

/// `nearmetal image compare`.
struct ImageCompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Says whether two images hold the same disk.",
    discussion: """
      Exit status: 0 they do; 2 they do not; 64 one cannot be read. Zeros at the end of the larger one do not count, unless -s.

      Example: nearmetal image compare disk.vhd disk.vmdk
      """)

  @Argument(help: "An image.")
  var one: String
  @Argument(help: "Another image.")
  var other: String
  @Option(
    name: [.customShort("f"), .customLong("source-format")],
    help: "The first one's format; the file says it unless given.")
  var sourceFormat: ImageFormat?
  @Option(name: [.customShort("F"), .customLong("other-format")], help: "The second one's format.")
  var otherFormat: ImageFormat?
  @Flag(
    name: [.customShort("s"), .customLong("strict")], help: "Different sizes count as a difference, whatever is there.")
  var strict = false
  @Flag(help: "Opens parents that are outside the images' folders as well.")
  var allowParent = false
  @Flag(name: [.customShort("p"), .customLong("progress")], help: "Shows progress; on a terminal always.")
  var progress = false

  func run() throws {
    let shown = ImageProgress("comparing", isShown: progress || ProgressLine.isUseful)
    let outcome = try imageWork { () throws(ImageError) in
      let first = try VirtualDisk.open(one, OpenOptions(format: sourceFormat, allowsParentsAnywhere: allowParent))
      let second = try VirtualDisk.open(other, OpenOptions(format: otherFormat, allowsParentsAnywhere: allowParent))
      return try ImageComparison.compare(first, second, isStrict: strict, shown.task)
    }
    shown.finish()
    switch outcome {
    case .identical: printLine("The images are identical.")
    case .size: throw end(Status.failedVerdict, "\(one), \(other): the sizes differ")
    case .content(let offset):
      throw end(Status.failedVerdict, "\(one), \(other): the content differs at byte \(offset)")
    }
  }
}
