import CKVM
import CLinux
import LinuxSystem
import SystemPackage

/// A virtual processor. Only the thread that runs it may use it, but for `requestExit`.
public struct VCPU: ~Copyable, Sendable {
  let descriptor: Descriptor
  let runPage: Mapping

  /// The run page, through which KVM tells why it left the guest.
  @inline(__always)
  var run: UnsafeMutablePointer<kvm_run> {
    unsafe runPage.base.assumingMemoryBound(to: kvm_run.self)
  }

  /// Runs guest code until it needs the host. Blocks; a signal or `requestExit` ends it.
  @inline(__always)
  public borrowing func enter() throws(SystemError) -> Exit {
    let answer = nm_ioctl_value(descriptor.rawValue, nm_KVM_RUN, 0)
    if _slowPath(answer < 0) {
      let code = nm_errno()
      if code == EINTR || code == EAGAIN { return .interrupted }
      // KVM fills the exit in before it reports some faults; the errno alone says less than both.
      throw SystemError("run a vCPU (exit reason \(unsafe run.pointee.exit_reason))", Errno(rawValue: code))
    }
    return decode()
  }

  @inline(__always)
  private borrowing func decode() -> Exit {
    let run = unsafe self.run
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
    case KVM_EXIT_SHUTDOWN: return .shutdown
    case KVM_EXIT_SYSTEM_EVENT: return .systemEvent(unsafe run.pointee.system_event.type)
    case KVM_EXIT_INTERNAL_ERROR: return .internalError(suberror: unsafe run.pointee.internal.suberror)
    case KVM_EXIT_FAIL_ENTRY:
      return .entryFailed(reason: unsafe run.pointee.fail_entry.hardware_entry_failure_reason)
    default: return .other(unsafe run.pointee.exit_reason)
    }
  }

  /// Makes the next or current `enter` return `.interrupted`; together with a signal to the vCPU's thread there is no window
  /// in which the request is lost. May be called from any thread.
  public borrowing func requestExit(_ requested: Bool = true) {
    unsafe run.pointee.immediate_exit = requested ? 1 : 0
  }

  /// General registers.
  public borrowing func registers() throws(SystemError) -> kvm_regs {
    var value = kvm_regs()
    try Request.structure(descriptor.rawValue, nm_KVM_GET_REGS, &value, "read a vCPU's registers")
    return value
  }

  public borrowing func setRegisters(_ value: kvm_regs) throws(SystemError) {
    var value = value
    try Request.structure(descriptor.rawValue, nm_KVM_SET_REGS, &value, "set a vCPU's registers")
  }

  /// Segment, control and table registers.
  public borrowing func specialRegisters() throws(SystemError) -> kvm_sregs {
    var value = kvm_sregs()
    try Request.structure(descriptor.rawValue, nm_KVM_GET_SREGS, &value, "read a vCPU's special registers")
    return value
  }

  public borrowing func setSpecialRegisters(_ value: kvm_sregs) throws(SystemError) {
    var value = value
    try Request.structure(descriptor.rawValue, nm_KVM_SET_SREGS, &value, "set a vCPU's special registers")
  }

  /// What CPUID answers in the guest. Comes before the first `enter`.
  public borrowing func setCPUID(_ table: CPUIDTable) throws(SystemError) {
    let fd = descriptor.rawValue
    _ = unsafe try table.withTable { (raw) throws(SystemError) in
      try unsafe Request.raw(fd, nm_KVM_SET_CPUID2, raw, "set a vCPU's CPUID leaves")
    }
  }
}
