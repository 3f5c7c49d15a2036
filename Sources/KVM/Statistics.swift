import CLinux
import LinuxSystem
import SystemPackage

/// KVM's own counters for a machine or a vCPU, read by the metadata that the kernel sends along
/// (Documentation/virt/kvm/api.rst §4.133, KVM_GET_STATS_FD).
public struct KVMStatistics: ~Copyable, Sendable {
  /// One counter's name and where its value stands.
  struct Field: Sendable {
    let name: String
    let offset: Int64
  }

  let descriptor: Descriptor
  let fields: [Field]

  init(owning descriptor: consuming Descriptor) throws(SystemError) {
    var header = kvm_stats_header()
    let fd = descriptor.rawValue
    try Self.read(fd, &header, MemoryLayout<kvm_stats_header>.size, at: 0)
    let nameSize = Int(header.name_size)
    let stride = MemoryLayout<kvm_stats_desc>.size + nameSize
    let bytes = stride * Int(header.num_desc)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, stride), alignment: 16)
    defer { unsafe memory.deallocate() }
    try unsafe Self.readRaw(fd, memory, bytes, at: Int64(header.desc_offset))
    var fields: [Field] = []
    for index in 0..<Int(header.num_desc) {
      let entry = unsafe (memory + index * stride).assumingMemoryBound(to: kvm_stats_desc.self)
      // Histograms (size above 1) are left out: what NearMetal needs are counts.
      guard unsafe entry.pointee.size == 1 else { continue }
      let name = unsafe String(cString: nm_stats_name(entry))
      fields.append(Field(name: name, offset: Int64(header.data_offset) + Int64(unsafe entry.pointee.offset)))
    }
    self.fields = fields
    self.descriptor = descriptor
  }

  /// Every scalar counter by name, as it stands now.
  public borrowing func read() throws(SystemError) -> [String: UInt64] {
    var all: [String: UInt64] = [:]
    for field in fields {
      var value: UInt64 = 0
      try Self.read(descriptor.rawValue, &value, 8, at: field.offset)
      all[field.name] = value
    }
    return all
  }

  private static func read<T>(_ fd: Int32, _ value: inout T, _ count: Int, at offset: Int64) throws(SystemError) {
    let copied = unsafe withUnsafeMutablePointer(to: &value) { unsafe pread(fd, $0, count, Int(offset)) }
    guard copied == count else {
      throw SystemError("read KVM statistics", Errno(rawValue: copied < 0 ? nm_errno() : EIO))
    }
  }

  private static func readRaw(
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
