import ArgumentParser
import Definitions
import Images
import Machines

/// The disk image or block device that `nearmetal run` is to measure on.
struct GivenImage: ParsableArguments {
  @Option(
    help: """
      Measures on this disk image, of any format, or block device instead of an image made for the run. What it holds is not \
      verified. It is locked against programs that would write it.
      """)
  var image: String?
  @Option(help: "The image's format: raw, vpc (vhd), vmdk or qcow2; the file says it unless given.")
  var imageFormat: ImageFormat?
  @Flag(help: "Lets workloads write the image: they overwrite what it holds. Without it none of the suite may write.")
  var imageWritable = false
  @Flag(help: "Opens parents of the image that are outside its folder as well.")
  var allowParent = false

  func validate() throws {
    if image == nil, imageFormat != nil || imageWritable || allowParent {
      throw ValidationError("--image-format, --image-writable and --allow-parent speak of an --image")
    }
  }

  /// The disk, and the suite without what would not touch it; nil where none was asked for.
  func disk(_ suite: inout Suite) throws -> GivenDisk? {
    guard let image else { return nil }
    let disk = try imageWork { () throws(ImageError) in
      try GivenDisk(image, format: imageFormat, isWritable: imageWritable, allowsParentsAnywhere: allowParent)
    }
    if let obstacle = disk.obstacle(suite) { throw end(Status.usage, obstacle) }
    let kept = GivenDisk.entries(of: suite)
    if kept.count < suite.entries.count {
      say("left out, since their disk is in no file: \(suite.entries.count - kept.count) workloads")
    }
    suite.entries = kept
    return disk
  }
}
