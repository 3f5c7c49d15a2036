import Definitions
import Images
import LinuxSystem
import SystemPackage

/// Copies of a run's disk in other formats, which have no names either.
///
/// The legs of a block have a copy open at the same time. That is sound because none of them allocates: all blocks are there. Images
/// that leave their blocks to a parent are made for each leg.
final class DiskCopies: Sendable {
  /// Images that have all of the disk's blocks.
  private let allocated: [DiskSpecification.Format: UnnamedImage]
  /// What images with nothing of their own are differences to.
  private let parents: [DiskSpecification.Format: UnnamedImage]
  private let folder: String

  /// Makes those that workloads ask for. Blocks for as long as writing them takes.
  init(of file: borrowing Descriptor, in folder: String, _ wanted: Set<DiskSpecification.Image>) throws(SystemError) {
    var allocated: [DiskSpecification.Format: UnnamedImage] = [:]
    var parents: [DiskSpecification.Format: UnnamedImage] = [:]
    var maker = Maker(raw: UnnamedImage(raw: try file.duplicate()), folder: folder)
    do throws(ImageError) {
      for image in wanted where image != .raw {
        if image.isAllocated {
          allocated[image.format] = try maker.allocated(image.format)
        } else {
          parents[image.format] = try maker.parent(image.format)
        }
      }
    } catch { throw SystemError(error, "make a copy of the disk image in \(folder)") }
    self.allocated = allocated
    self.parents = parents
    self.folder = folder
  }

  /// Makes each image once.
  private struct Maker {
    let raw: UnnamedImage
    let folder: String
    private var made: [DiskSpecification.Format: UnnamedImage] = [:]
    /// Images that no leg writes: one that was written is not the parent that it was.
    private var parents: [DiskSpecification.Format: UnnamedImage] = [:]

    init(raw: UnnamedImage, folder: String) {
      self.raw = raw
      self.folder = folder
    }

    private var source: VirtualDisk {
      get throws(ImageError) { try VirtualDisk.open(raw.path, OpenOptions(format: .raw)) }
    }

    mutating func allocated(_ format: DiskSpecification.Format) throws(ImageError) -> UnnamedImage {
      if let image = made[format] { return image }
      let image =
        format == .differencingVHD
        ? try UnnamedImage(over: parent(format), .vpc, format.options, filledWith: source, in: folder)
        : try UnnamedImage(of: source, format.imageFormat, format.options, in: folder)
      made[format] = image
      return image
    }

    /// A VHD or a VMDK is a difference to one of its kind.
    mutating func parent(_ format: DiskSpecification.Format) throws(ImageError) -> UnnamedImage {
      if format == .qcow2 { return raw }
      if let image = parents[format] { return image }
      let image = try UnnamedImage(of: source, format.imageFormat, in: folder)
      parents[format] = image
      return image
    }
  }

  /// The image of a leg; nil for the run's own file.
  func image(_ wanted: DiskSpecification.Image) throws(SystemError) -> UnnamedImage? {
    if wanted.isAllocated { return allocated[wanted.format] }
    guard let parent = parents[wanted.format] else { return nil }
    do throws(ImageError) {
      return try UnnamedImage(over: parent, wanted.format.imageFormat, wanted.format.options, in: folder)
    } catch { throw SystemError(error, "make a disk image in \(folder)") }
  }
}

extension DiskSpecification.Format {
  var imageFormat: ImageFormat {
    switch self {
    case .raw: .raw
    case .vhd, .fixedVHD, .differencingVHD: .vpc
    case .vmdk, .flatVMDK: .vmdk
    case .qcow2: .qcow2
    }
  }

  /// What the format is told when an image is made.
  fileprivate var options: [String] {
    switch self {
    case .raw, .vmdk, .qcow2: []
    case .vhd: ["subformat=dynamic"]
    case .fixedVHD: ["subformat=fixed"]
    case .differencingVHD: ["subformat=differencing"]
    case .flatVMDK: ["subformat=monolithicFlat"]
    }
  }
}

extension SystemError {
  /// What an image is not good for, where system calls are spoken of.
  init(_ error: ImageError, _ operation: String) {
    self.init(operation, error.errno ?? .invalidArgument, advice: error.reason)
  }
}
