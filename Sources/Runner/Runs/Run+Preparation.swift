import CLinux
import Counters
import Definitions
import KVM
import LinuxSystem
import Machines
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

  /// What workloads under Linux use; nil where there are none.
  static func linux(_ suite: Suite) throws(RunError) -> LinuxSupply? {
    guard suite.entries.contains(where: { $0.linux != nil }) else { return nil }
    do throws(GuestError) { return try LinuxSupply(suite) } catch { throw .guest(error.description) }
  }

  /// The disk image, where a workload needs one. A disk that cannot be made is the failure of the legs that need it.
  static func disk(_ suite: Suite, in directory: String, seed: UInt64, given: GivenDisk? = nil) -> DiskSupply {
    guard suite.entries.contains(where: { $0.disk != nil }) else { return .none }
    if let given { return .given(given) }
    do throws(SystemError) {
      let path = RunDisk.path(in: directory, process: getpid())
      let images = Set(suite.entries.compactMap { $0.disk?.image })
      return .image(try RunDisk(path: path, size: suite.disk, seed: seed, images: images))
    } catch {
      return .unavailable(error.description)
    }
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
}

extension SessionContext {
  /// What sessions of a suite share at a placement.
  /// - Parameter suite: with a placement for each workload where it is a matrix of nodes.
  init(
    _ suite: Suite, _ image: ProbeImage, _ placement: RunPlacement, disk: DiskSupply = .none,
    _ interruption: Interruption
  ) {
    self.init(
      suite, image, cpus: placement.cpus, memory: placement.memory, deviceNode: placement.askedDevice, disk: disk,
      noise: NoiseWatch(legs: placement.cpus(of: suite), allowed: placement.allowed, topology: placement.topology),
      interruption)
  }
}
