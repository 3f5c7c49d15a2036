import LinuxSystem
import Synchronization
import Topology

/// Watches the CPUs of a run's legs for noise, with what this host has for it.
public final class NoiseWatch: Sendable {
  private let hiccups: HiccupThread?
  private let clocks: [Int: ClockMeter]
  private let files: HostFiles
  /// What cannot be watched here, by name (`hiccups`, `clockRatio`, `frequencyMHz`, `throttleEvents`), and why.
  public let absent: [String: String]

  /// Starts the hiccup thread where there is a CPU for it.
  /// - Parameters:
  ///   - legs: the CPUs of all legs.
  ///   - allowed: the CPUs that this process may use.
  ///   - topology: of the host; the thread goes where no leg's core is.
  ///   - files: where clocks, frequencies and throttling are read.
  public init(legs: [Int], allowed: [Int], topology: CPUTopology, files: HostFiles = HostFiles()) {
    var absent: [String: String] = [:]
    var hiccups: HiccupThread?
    do {
      hiccups = try HiccupThread(cpu: HiccupThread.cpu(beside: legs, allowed: allowed, topology: topology))
    } catch {
      absent["hiccups"] = (error as? Unavailable)?.reason ?? "\(error)"
    }
    var clocks: [Int: ClockMeter] = [:]
    do throws(Unavailable) {
      for cpu in legs { clocks[cpu] = try ClockMeter(cpu: cpu, files: files) }
    } catch {
      absent["clockRatio"] = error.reason
      clocks = [:]
    }
    if let cpu = legs.first {
      do throws(Unavailable) { _ = try files.integer(Self.frequencyFile(cpu)) } catch {
        absent["frequencyMHz"] = error.reason
      }
      if Self.throttles([cpu], files) == nil {
        absent["throttleEvents"] =
          "no \(Self.throttleFolder(cpu)): the processor or the hypervisor below reports no thermal events"
      }
    }
    (self.hiccups, self.clocks, self.files, self.absent) = (hiccups, clocks, files, absent)
  }

  /// The CPU of the hiccup thread and the share of its time that the thread takes; nil without one.
  public var hiccupCPU: Int? { hiccups?.cpu }
  public var hiccupCost: Double? { hiccups?.cost }

  /// Reads everything for some of the watched CPUs and threads of this process: some small files; not for measured windows.
  public func sample(cpus: [Int], threads: [Int32] = []) throws(Unavailable) -> NoiseSample {
    var sample = try NoiseSample(cpus: cpus, threads: threads)
    sample.hiccups = hiccups?.counts
    for cpu in cpus { sample.clocks[cpu] = clocks[cpu]?.read() }
    sample.throttles = Self.throttles(cpus, files)
    let frequencies = cpus.compactMap { try? files.integer(Self.frequencyFile($0)) }
    if !cpus.isEmpty, frequencies.count == cpus.count {
      sample.frequencyMHz = Double(frequencies.reduce(0, +)) / Double(frequencies.count) / 1000
    }
    return sample
  }

  private static func frequencyFile(_ cpu: Int) -> String {
    "/sys/devices/system/cpu/cpu\(cpu)/cpufreq/scaling_cur_freq"
  }

  private static func throttleFolder(_ cpu: Int) -> String { "/sys/devices/system/cpu/cpu\(cpu)/thermal_throttle" }

  /// Times that the cores and packages of these CPUs were slowed for their heat since boot.
  private static func throttles(_ cpus: [Int], _ files: HostFiles) -> UInt64? {
    var sum: UInt64 = 0
    for cpu in cpus {
      for name in ["core_throttle_count", "package_throttle_count"] {
        guard let count = (try? files.integer("\(throttleFolder(cpu))/\(name)")).flatMap(UInt64.init(exactly:)) else {
          return nil
        }
        sum &+= count
      }
    }
    return sum
  }
}
