import CLinux
import KVM
import LinuxSystem
import Probe
import SystemPackage

/// What is made and checked before anything is measured.
extension Run {
  static func image(_ path: String?) throws(RunError) -> ProbeImage {
    do throws(ProbeImageError) {
      if let path { return try ProbeImage(path: path) }
      return try ProbeImage.bundled()
    } catch { throw .probe(error) }
  }

  /// The disk image, where a workload needs one. A disk that cannot be made is the failure of the legs that need it.
  static func disk(_ suite: Suite, _ options: Options) -> (disk: RunDisk?, problem: String?) {
    guard suite.entries.contains(where: { WorkloadCatalog[$0.workload]?.kind == .block }) else { return (nil, nil) }
    do throws(SystemError) {
      let path = diskPath(in: options.diskDirectory, process: getpid())
      return (try RunDisk(path: path, size: suite.disk, seed: options.seed), nil)
    } catch {
      return (nil, error.description)
    }
  }

  /// The disk image of a process's run, which removes it at its end.
  public static func diskPath(in directory: String, process: Int32) -> String {
    "\(directory)/nearmetal-disk-\(process).img"
  }

  static func checkKVM() throws(RunError) {
    do throws(SystemError) {
      let system = try System()
      let lacking = Capability.required.filter { system.check($0) == 0 }
      guard lacking.isEmpty else {
        throw SystemError(
          "run guests: KVM lacks \(lacking.map(\.rawValue).joined(separator: ", "))", .notSupported,
          advice: "A kernel of 5.4 or later has them.")
      }
    } catch { throw .kvm(error) }
  }

  /// What KVM says of the TSC, else what measuring it says.
  public static func tscFrequency() -> UInt64 {
    if let system = try? System(), let machine = try? system.createVirtualMachine(),
      let frequency = machine.tscFrequency()
    {
      return frequency
    }
    return MonotonicClock.tscFrequency()
  }

  static func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
