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

  public var backing: Backing
  /// Nil where the suite leaves it open; DMA then.
  public var transfer: Transfer?
  public var virtio: VirtioSpecification

  init(_ workload: Workload) {
    backing = workload["backing"].flatMap { Backing(rawValue: $0.text) } ?? .direct
    transfer = workload["transfer"].flatMap { Transfer(rawValue: $0.text) }
    virtio = VirtioSpecification(workload)
  }

  /// Programmed I/O is a way of emulated disks; buses and rings are ways of virtio ones.
  func allows(_ mode: Mode) -> Bool {
    if transfer != nil { return mode == .native || mode == .emulated }
    return mode == .emulated ? virtio.isOpen : true
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

  init(_ workload: Workload) {
    transport = workload["transport"].flatMap { Transport(rawValue: $0.text) }
    ring = workload["ring"].flatMap { Ring(rawValue: $0.text) }
  }

  /// Whether the suite says nothing of either.
  var isOpen: Bool { transport == nil && ring == nil }
}
