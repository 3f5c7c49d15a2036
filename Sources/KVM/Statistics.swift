import CKVM
import CLinux
import LinuxSystem
import SystemPackage

/// KVM's own counters for a machine or a vCPU, read by the metadata that the kernel sends along
/// (Documentation/virt/kvm/api.rst §4.133, KVM_GET_STATS_FD).
public struct KVMStatistics: ~Copyable, Sendable {
  private let descriptor: Descriptor
  /// Every statistic that the kernel describes in a way that this version understands, in the kernel's order.
  public let descriptions: [StatisticDescription]
  /// The names of all values (``StatisticDescription/valueNames``), in the order of ``values()``.
  public let valueNames: [String]
  /// Where each of them stands among the data's words.
  private let places: [Int]
  private let dataStart: Int64
  private let dataSize: Int

  init(owning descriptor: consuming Descriptor) throws(SystemError) {
    var header = kvm_stats_header()
    let fd = descriptor.rawValue
    try unsafe Self.read(fd, &header, MemoryLayout<kvm_stats_header>.size, at: 0)
    let nameSize = Int(header.name_size)
    let stride = MemoryLayout<kvm_stats_desc>.size + nameSize
    let bytes = stride * Int(header.num_desc)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, stride), alignment: 16)
    defer { unsafe memory.deallocate() }
    try unsafe Self.read(fd, memory, bytes, at: Int64(header.desc_offset))
    var descriptions: [StatisticDescription] = []
    for index in 0..<Int(header.num_desc) {
      let entry = unsafe (memory + index * stride).assumingMemoryBound(to: kvm_stats_desc.self)
      let name = unsafe String(cString: nm_stats_name(entry))
      if let description = unsafe StatisticDescription(entry.pointee, name: name) { descriptions.append(description) }
    }
    self.descriptions = descriptions
    valueNames = descriptions.flatMap(\.valueNames)
    places = descriptions.flatMap { description in
      description.valueNames.indices.map { Int(description.offset) / 8 + $0 }
    }
    dataStart = Int64(header.data_offset)
    dataSize = descriptions.map { Int($0.offset) + $0.size * 8 }.max() ?? 0
    self.descriptor = descriptor
  }

  /// Every value as it stands now, in the order of ``valueNames``. One system call, and no name is looked at: fit for the edges of
  /// short windows.
  public borrowing func values() throws(SystemError) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: (dataSize + 7) / 8)
    try unsafe Self.read(descriptor.rawValue, &words, dataSize, at: dataStart)
    return places.map { words[$0] }
  }

  /// The same by name.
  public borrowing func read() throws(SystemError) -> [String: UInt64] {
    Dictionary(zip(valueNames, try values()), uniquingKeysWith: { _, last in last })
  }

  private static func read(
    _ fd: Int32, _ target: UnsafeMutableRawPointer, _ count: Int, at offset: Int64
  ) throws(SystemError) {
    let copied = unsafe pread(fd, target, count, Int(offset))
    guard copied == count else {
      throw SystemError("read KVM statistics", Errno(rawValue: copied < 0 ? nm_errno() : EIO))
    }
  }
}

extension VirtualMachine {
  /// The machine's statistics; fails where the kernel is older than 5.14.
  public borrowing func statistics() throws(SystemError) -> KVMStatistics {
    let fd = try Request.value(descriptor.rawValue, nm_KVM_GET_STATS_FD, 0, "open the machine's KVM statistics")
    return try KVMStatistics(owning: Descriptor(owning: fd))
  }
}

extension VCPU {
  /// The vCPU's statistics; fails where the kernel is older than 5.14.
  public borrowing func statistics() throws(SystemError) -> KVMStatistics {
    let fd = try Request.value(descriptor.rawValue, nm_KVM_GET_STATS_FD, 0, "open a vCPU's KVM statistics")
    return try KVMStatistics(owning: Descriptor(owning: fd))
  }
}
