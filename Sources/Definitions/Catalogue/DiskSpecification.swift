import Results

/// The disk that a block workload asks for. What it does on the disk, sizes and depths, only the probe needs to know.
public struct DiskSpecification: Hashable, Sendable {
  /// What holds the disk's bytes.
  public enum Backing: String, Sendable, CaseIterable {
    /// Nothing: reads leave the buffer as it is. What is left is the path through the device.
    case null
    /// A piece of memory.
    case memory
    /// A file through the page cache.
    case file
    /// A file past the page cache (`O_DIRECT`).
    case direct

    /// Whether it needs a file in a file system.
    public var usesFile: Bool { self == .file || self == .direct }
  }

  /// How an emulated disk moves data.
  public enum Transfer: String, Sendable, CaseIterable {
    case dma, pio
  }

  /// The format of the file that holds the disk.
  public enum Format: String, Sendable, CaseIterable {
    case raw
    /// VHD with a table of blocks; one that is the disk with a footer behind it; one that is a difference to another.
    case vhd
    case fixedVHD = "vhd-fixed"
    case differencingVHD = "vhd-differencing"
    /// VMDK in one sparse file; in a flat one beside its descriptor.
    case vmdk
    case flatVMDK = "vmdk-flat"
    case qcow2

    /// Whether an image of the format may leave its blocks to a parent.
    var hasParents: Bool {
      switch self {
      case .raw, .vhd, .fixedVHD, .flatVMDK: false
      case .differencingVHD, .vmdk, .qcow2: true
      }
    }
  }

  /// Which of the disk's blocks an image has itself. Its parent has the others.
  public enum Allocation: String, Sendable, CaseIterable {
    case all
    /// None before the first is written.
    case none
  }

  /// What the file is that holds the disk.
  public struct Image: Hashable, Sendable {
    public var format: Format
    public var isAllocated: Bool

    public static let raw = Image(format: .raw, isAllocated: true)
  }

  public var backing: Backing
  /// Raw where the suite leaves it open, and always where there is no file.
  public var image: Image
  /// Nil where the suite leaves it open; DMA then.
  public var transfer: Transfer?
  public var virtio: VirtioSpecification
  public var concurrency: Concurrency

  init(_ workload: Workload) {
    backing = workload["backing"].flatMap { Backing(rawValue: $0.text) } ?? .direct
    image =
      backing.usesFile
      ? Image(
        format: workload["format"].flatMap { Format(rawValue: $0.text) } ?? .raw,
        isAllocated: workload["allocated"]?.text != Allocation.none.rawValue) : .raw
    transfer = workload["transfer"].flatMap { Transfer(rawValue: $0.text) }
    virtio = VirtioSpecification(workload)
    concurrency = Concurrency(workload)
  }

  /// What is wrong with what a suite says of the file and of the ring; nil where nothing is.
  static func problem(with parameters: [String: ParameterValue]) -> String? {
    let depth = parameters["qd"]?.quantity ?? 1
    if let queue = parameters[VirtioSpecification.queue]?.quantity, queue / 3 < depth {
      return "a ring with three descriptors for each request in flight: queue of at least \(3 * min(depth, 1024))"
    }
    let backing = parameters["backing"].flatMap { Backing(rawValue: $0.text) } ?? .direct
    let format = parameters["format"].flatMap { Format(rawValue: $0.text) } ?? .raw
    if parameters["format"] != nil || parameters["allocated"] != nil, !backing.usesFile {
      return "a backing that is a file beside format and allocated: file or direct"
    }
    if parameters["allocated"]?.text == Allocation.none.rawValue, !format.hasParents {
      let formats = Format.allCases.filter(\.hasParents).map(\.rawValue).joined(separator: ", ")
      return "a format whose images may leave their blocks to a parent: \(formats)"
    }
    return Concurrency.problem(with: parameters)
  }

  /// Programmed I/O is a way of emulated disks; buses, rings and queues are ways of virtio ones.
  func allows(_ mode: Mode) -> Bool {
    if transfer != nil { return mode == .native || mode == .emulated }
    return mode == .emulated ? virtio.isOpen && concurrency == .single : true
  }
}

/// The bus and the rings of a virtio device.
public struct VirtioSpecification: Hashable, Sendable {
  public enum Transport: String, Sendable, CaseIterable {
    case mmio, pci
  }

  /// The format of virtqueues (virtio 1.2 §2.7 and §2.8).
  public enum Ring: String, Sendable, CaseIterable {
    case split, packed
  }

  /// Nil where the suite leaves it open; virtio over MMIO then.
  public var transport: Transport?
  /// Nil where the suite leaves it open; split then.
  public var ring: Ring?
  /// Most descriptors of a disk's ring. Nil where the suite leaves it open: what the device has then, and where a single request is
  /// polled for in a split ring, ``single``.
  public var queue: UInt64?

  /// Descriptors of a ring that one request fits.
  public static let single: UInt64 = 4

  static let queue = "queue"

  init(_ workload: Workload) {
    queue = workload[Self.queue]?.quantity
    transport = workload["transport"].flatMap { Transport(rawValue: $0.text) }
    ring = workload["ring"].flatMap { Ring(rawValue: $0.text) }
  }

  /// Whether the suite says nothing of any of them.
  var isOpen: Bool { transport == nil && ring == nil && queue == nil }
}
