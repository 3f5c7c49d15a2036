import ArgumentParser
import Glibc
import Images
import LinuxSystem
import Runner
import Synchronization

/// `nearmetal image`.
struct ImageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image", abstract: "Makes, reads, converts and checks disk images: raw, VHD, VMDK, qcow2.",
    discussion: """
      Options have the names that qemu-img has for them; a VHD is called vpc there, and vhd is understood as well. Files that are
      made get their names when they are whole, and none that is there is replaced without --force.

      Examples:
        nearmetal image info disk.vhd
        nearmetal image convert disk.vhd disk.vmdk
        nearmetal image create -f qcow2 -b base.qcow2 -F qcow2 overlay.qcow2
        nearmetal image check overlay.qcow2
      """,
    subcommands: [
      ImageInfoCommand.self, ImageCreateCommand.self, ImageConvertCommand.self, ImageCheckCommand.self,
      ImageRepairCommand.self,
      ImageCompareCommand.self, ImageMapCommand.self, ImageCommitCommand.self, ImageRebaseCommand.self,
    ])
}

extension ImageFormat: ExpressibleByArgument {
  public init?(argument: String) { self.init(name: argument) }
}

/// How the verb's image is opened.
struct ImageSource: ParsableArguments {
  @Option(
    name: [.customShort("f"), .customLong("source-format")],
    help: "raw, vpc (vhd), vmdk or qcow2; the file says it unless given.")
  var sourceFormat: ImageFormat?
  @Flag(help: "Opens parents that are outside the image's folder as well.")
  var allowParent = false

  var options: OpenOptions { OpenOptions(format: sourceFormat, allowsParentsAnywhere: allowParent) }

  func open(_ path: String) throws -> VirtualDisk {
    try imageWork { () throws(ImageError) in try VirtualDisk.open(path, options) }
  }
}

/// An image, and how what there is to say of it is said.
struct ImageQuestion: ParsableArguments {
  @Argument(help: "The image.")
  var image: String
  @OptionGroup var source: ImageSource
  @Option(help: "text or json.")
  var format = OutputFormat.text
}

/// Does something with an image, or ends the program with what is wrong with it.
func imageWork<Result>(_ body: () throws(ImageError) -> Result) throws -> Result {
  do throws(ImageError) { return try body() } catch {
    throw error.kind == .interrupted ? end(Status.interrupted, error.description) : end(error)
  }
}

/// Progress of long work on images, on standard error, and its end by a signal.
struct ImageProgress {
  let task: ImageTask
  private let line: ProgressLine?

  /// - Parameter isShown: whether there are lines at all; Ctrl-C ends the work either way.
  init(_ verb: String, isShown: Bool) {
    let interruption = Interruption()
    interruption.watchSignals { time in say(time == 1 ? "ending" : "ending already; a third signal ends it at once") }
    let line = isShown ? ProgressLine() : nil
    self.line = line
    let start = MonotonicClock.now
    task = ImageTask(
      report: { done, total in
        guard let line else { return }
        let elapsed = Double(MonotonicClock.now &- start) / 1e9
        let left = done > 0 && elapsed > 0.5 ? elapsed * Double(total - done) / Double(done) : nil
        line.progress.report(
          Runner.Progress.Step(
            done: Int(done >> 20), total: Int(total >> 20), elapsed: elapsed, remaining: left, next: verb, unit: "MiB"))
      }, isInterrupted: { interruption.isRequested })
  }

  func finish() { line?.finish() }
}
