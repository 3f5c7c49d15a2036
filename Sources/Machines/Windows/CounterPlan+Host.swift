import Counters
import KVM
import LinuxSystem
import Topology
import VirtualMachine

extension CounterPlan {
  /// What a selection means on this host: with the exit reasons of its backend and the places of our machine's devices.
  public static func make(
    _ selection: CounterSelection, _ backend: Backend, _ hold: TracepointHold
  ) throws(Unavailable) -> CounterPlan {
    try CounterPlan(selection, exitReasons: exitReasons(backend), places: places, hold: hold)
  }

  static func exitReasons(_ backend: Backend) -> [ExitReason] {
    switch backend {
    case .vmx: ExitReason.vmx
    case .svm: ExitReason.svm
    case .pvm: ExitReason.pvm
    case .none: []
    }
  }

  static let places = MachinePlace.all.map { place in
    let (first, last) = (String(place.range.lowerBound, radix: 16), String(place.range.upperBound, radix: 16))
    switch place.space {
    case .port: return "kvm:kvm_pio{port=0x\(first)-0x\(last)}"
    case .memory: return "kvm:kvm_mmio{gpa=0x\(first)-0x\(last)}"
    }
  }
}
