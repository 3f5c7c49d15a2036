import CProbe
import ProbeABI

/// `exits.cpuid`: an instruction that no processor lets a guest carry out unseen.
struct CPUIDExit: ExitSample {
  mutating func sample() -> UInt64? {
    let begin = nm_tsc_begin()
    let leaf = probe_cpuid_leaf(0)
    let end = nm_tsc_end()
    return leaf > 0 ? end &- begin : nil
  }
}

/// `exits.hypercall`: a hypercall with a number that nobody answers. KVM refuses it after the whole way there.
struct HypercallExit: ExitSample {
  let kind: UInt64

  mutating func sample() -> UInt64? {
    let begin = nm_tsc_begin()
    let answer = kind == 0 ? probe_vmcall() : probe_vmmcall()
    let end = nm_tsc_end()
    return answer < 0 ? end &- begin : nil
  }

  static func run(_ job: borrowing Job, _ context: inout JobContext) {
    // The processor's own instruction; KVM may rewrite the other one, which would be no measurement.
    let kind: UInt64 = probe_vendor_is_amd() != 0 ? 1 : 0
    guard probe_try_hypercall(kind) == 0 else { return context.skip("the hypercall instruction raises #UD here") }
    ExitMeter.measure(HypercallExit(kind: kind), job, &context)
  }
}

/// `exits.trap`: into the CPL 0 kernel by `ud2` and back. No exit where the processor runs both.
struct GateTrap: ExitSample {
  mutating func sample() -> UInt64? {
    let begin = nm_tsc_begin()
    let answer = probe_gate(UInt64(GATE_NOTHING), 0, 0, 0)
    let end = nm_tsc_end()
    return answer == UInt64(GATE_NOTHING) ? end &- begin : nil
  }
}

/// `exits.syscall`: into the CPL 0 kernel by `syscall` and back by `sysretq`. Only where a first call shows that CPL 0 was
/// reached: not every backend changes the privilege level.
struct SystemCallTrap: ExitSample {
  mutating func sample() -> UInt64? {
    let begin = nm_tsc_begin()
    let level = probe_syscall()
    let end = nm_tsc_end()
    return level == 0 ? end &- begin : nil
  }

  static func run(_ job: borrowing Job, _ context: inout JobContext) {
    let (star, longStar, mask): (UInt64, UInt64, UInt64) = (0xc000_0081, 0xc000_0082, 0xc000_0084)
    // `sysretq` takes its selectors from 63:48, `syscall` from 47:32 (Intel SDM vol. 3 §5.8.8).
    let selectors = UInt64(SELECTOR_USER_DATA - 8) << 48 | UInt64(SELECTOR_KERNEL_CODE) << 32
    _ = probe_gate(UInt64(GATE_WRITE_MSR), star, selectors, 0)
    _ = probe_gate(UInt64(GATE_WRITE_MSR), longStar, probe_syscall_address(), 0)
    _ = probe_gate(UInt64(GATE_WRITE_MSR), mask, 0, 0)
    guard probe_syscall() == 0 else {
      return context.skip("syscall does not reach CPL 0 here: the privilege level stays 3")
    }
    ExitMeter.measure(SystemCallTrap(), job, &context)
  }
}
