import CKVM
import CLinux
import LinuxSystem
import SystemPackage

/// A virtual processor. One thread at a time owns and runs it; others end its entries through ``exitRequest``.
public struct VCPU: ~Copyable, Sendable {
  @usableFromInline let descriptor: Descriptor
  @usableFromInline let page: RunPage

  init(descriptor: consuming Descriptor, page: consuming Mapping) {
    self.descriptor = descriptor
    self.page = RunPage(page)
  }

  /// Runs guest code until it needs the host, and lends the reason to `answer`. Blocks; a signal or an ``ExitRequest`` ends it.
  ///
  /// What `answer` stores for a read reaches the guest with the next entry.
  /// - Returns: what `answer` returns.
  @inlinable @inline(__always)
  public mutating func enter<Answer>(_ answer: (borrowing Exit) -> Answer) throws(SystemError) -> Answer {
    let result = nm_ioctl_value(descriptor.rawValue, nm_KVM_RUN, 0)
    if _slowPath(result < 0) {
      let code = nm_errno()
      if code == EINTR || code == EAGAIN { return answer(.interrupted) }
      // KVM fills the exit in before it reports some faults; the errno alone says less than both.
      throw SystemError("run a vCPU (exit reason \(unsafe page.run.pointee.exit_reason))", Errno(rawValue: code))
    }
    return answer(exit())
  }

  @inlinable @inline(__always)
  borrowing func exit() -> Exit {
    let run = unsafe page.run
    switch Int32(unsafe run.pointee.exit_reason) {
    case KVM_EXIT_IO:
      let io = unsafe run.pointee.io
      return unsafe .port(
        PortAccess(
          port: io.port, width: Int(io.size), count: Int(io.count), isWrite: Int32(io.direction) == KVM_EXIT_IO_OUT,
          data: UnsafeMutableRawPointer(nm_run_io_data(run))))
    case KVM_EXIT_MMIO:
      return unsafe .memory(
        MemoryAccess(
          address: run.pointee.mmio.phys_addr, width: Int(run.pointee.mmio.len),
          isWrite: run.pointee.mmio.is_write != 0, data: UnsafeMutableRawPointer(nm_run_mmio_data(run))))
    case KVM_EXIT_HLT: return .halt
    case KVM_EXIT_INTR: return .interrupted
    default: return .fatal(fatalExit())
    }
  }

  @usableFromInline
  borrowing func fatalExit() -> FatalExit {
    let run = unsafe page.run
    switch Int32(unsafe run.pointee.exit_reason) {
    case KVM_EXIT_SHUTDOWN: return .shutdown
    case KVM_EXIT_SYSTEM_EVENT: return .systemEvent(unsafe run.pointee.system_event.type)
    case KVM_EXIT_INTERNAL_ERROR: return .internalError(suberror: unsafe run.pointee.internal.suberror)
    case KVM_EXIT_FAIL_ENTRY:
      return .entryFailed(reason: unsafe run.pointee.fail_entry.hardware_entry_failure_reason)
    default: return .other(unsafe run.pointee.exit_reason)
    }
  }

  /// What ends this vCPU's entries from outside.
  public var exitRequest: ExitRequest { ExitRequest(page: page) }

  /// General registers.
  /// - Throws: `SystemError` where KVM does not give them.
  public borrowing func registers() throws(SystemError) -> kvm_regs {
    var value = kvm_regs()
    try Request.structure(descriptor.rawValue, nm_KVM_GET_REGS, &value, "read a vCPU's registers")
    return value
  }

  /// Sets the general registers.
  public mutating func setRegisters(_ value: kvm_regs) throws(SystemError) {
    var value = value
    try Request.structure(descriptor.rawValue, nm_KVM_SET_REGS, &value, "set a vCPU's registers")
  }

  /// Segment, control and table registers.
  /// - Throws: `SystemError` where KVM does not give them.
  public borrowing func specialRegisters() throws(SystemError) -> kvm_sregs {
    var value = kvm_sregs()
    try Request.structure(descriptor.rawValue, nm_KVM_GET_SREGS, &value, "read a vCPU's special registers")
    return value
  }

  /// Sets the segment, control and table registers.
  public mutating func setSpecialRegisters(_ value: kvm_sregs) throws(SystemError) {
    var value = value
    try Request.structure(descriptor.rawValue, nm_KVM_SET_SREGS, &value, "set a vCPU's special registers")
  }

  /// What CPUID answers in the guest. Comes before the first `enter`.
  public mutating func setCPUID(_ table: CPUIDTable) throws(SystemError) {
    let fd = descriptor.rawValue
    _ = unsafe try table.withTable { (raw) throws(SystemError) in
      try unsafe Request.raw(fd, nm_KVM_SET_CPUID2, raw, "set a vCPU's CPUID leaves")
    }
  }
}

/// Ends a vCPU's entry from outside. Any thread may use it, also when the vCPU is gone.
public struct ExitRequest: Sendable {
  let page: RunPage

  /// Makes the next or current `enter` show `.interrupted`, and every one after it; together with a signal to the vCPU's thread
  /// there is no window in which the request is lost.
  public func make() {
    unsafe page.run.pointee.immediate_exit = 1
  }
}

/// The page through which KVM and a vCPU's user talk (Documentation/virt/kvm/api.rst §5).
@safe @usableFromInline final class RunPage: @unchecked Sendable {
  // @unchecked: the vCPU's one user alone reads and writes what is in the page, but for `immediate_exit`, a byte that anybody may set.

  @usableFromInline let run: UnsafeMutablePointer<kvm_run>
  private let mapping: Mapping

  init(_ mapping: consuming Mapping) {
    unsafe run = mapping.base.assumingMemoryBound(to: kvm_run.self)
    self.mapping = mapping
  }
}
