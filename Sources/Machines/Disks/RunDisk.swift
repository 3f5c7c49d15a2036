import CLinux
import Definitions
import Images
import LinuxSystem
import Storage

/// The disk image of a run: made with the verification pattern before the first leg. It has no name, so that no other process
/// can share it, nothing can be put in its place, and nothing is left behind, however the run ends.
public final class RunDisk: Sendable {
  /// By which this process opens it; see `UnnamedFile`.
  public let path: String
  /// The image itself, to be handed to a child.
  private let file: Descriptor
  /// The folder that it was made in, for messages.
  private let folder: String
  /// Bytes.
  public let size: UInt64
  /// Seed of the pattern that it was made with.
  public let seed: UInt64
  /// The same content in other formats.
  private let copies: DiskCopies

  /// Writes the image. Blocks for as long as that takes.
  /// - Parameters:
  ///   - path: names the folder that it is made in, by a file there.
  ///   - size: bytes, a positive multiple of 512.
  ///   - seed: of the pattern that it is made with.
  ///   - images: what workloads ask for besides the raw file: each is another copy, or needs one.
  public init(
    path: String, size: UInt64, seed: UInt64, images: Set<DiskSpecification.Image> = []
  ) throws(SystemError) {
    let folder = AtomicFile.directory(of: path)
    let file = try UnnamedFile.make(in: folder)
    try DiskImage.prepare(file, path: "in \(folder)", size: size, seed: seed)
    copies = try DiskCopies(of: file, in: folder, images)
    self.path = UnnamedFile.path(file.rawValue)
    self.file = file
    self.folder = folder
    self.size = size
    self.seed = seed
  }

  /// Where earlier versions had the image of a process's run; its folder is where this one makes it.
  public static func path(in directory: String, process: Int32) -> String {
    "\(directory)/nearmetal-disk-\(process).img"
  }

  /// What is wrong with the image by now; nil while it is as large as it was made.
  public var problem: String? {
    var status = stat()
    guard unsafe fstat(file.rawValue, &status) == 0 else { return "the disk image in \(folder) is gone" }
    let found = UInt64(status.st_size)
    return found == size ? nil : "the disk image in \(folder) has \(found) bytes; it was made with \(size)"
  }

  /// The disk of a leg. An image that leaves its blocks to a parent is made now.
  func leg(_ disk: DiskSpecification) throws(SystemError) -> LegDisk {
    if let image = try copies.image(disk.image) {
      var peer = LegDisk.Peer(
        driver: image.format.rawValue, path: UnnamedFile.path(ChildProcess.passed), descriptors: image.descriptors,
        extents: disk.image.format == .flatVMDK ? 1 : 0)
      if disk.image.format == .differencingVHD { peer.obstacle = "QEMU has no differencing VHDs" }
      return LegDisk(backing: image.backing(isDirect: disk.backing == .direct), peer: peer)
    }
    let backing: BackingSpecification =
      switch disk.backing {
      case .null: .null(size: size)
      case .memory: .memory(size: size, seed: seed)
      case .file: .file(path: path)
      case .direct: .direct(path: path)
      }
    var peer = LegDisk.Peer(
      driver: ImageFormat.raw.rawValue, path: UnnamedFile.path(ChildProcess.passed), descriptors: [file.rawValue])
    if !disk.backing.usesFile { peer.obstacle = "QEMU has no such backing with the disk's content" }
    return LegDisk(backing: backing, peer: peer)
  }
}
