import Counters
import HostTuning
import LinuxSystem
import Topology

extension HostDescription {
  /// What `host tune` would change or cannot, a line each.
  public var tuning: [String] {
    do { return TuneItem.lines(try HostTuning.forRun(.sameNode).items()) } catch { return ["nothing: \(error)"] }
  }

  /// What a run of the default placement could watch for noise here, a line each.
  public var noise: [String] {
    do {
      let place = try HostTuning.forRun(.sameNode)
      let watch = NoiseWatch(legs: place.legCPUs, allowed: try CPUAffinity.allowed(), topology: try CPUTopology())
      let there = ["steal, involuntary switches and run delay: read from the kernel's accounts"]
      let hiccups = watch.hiccupCPU.map { ["hiccups: by a thread on CPU \($0)"] } ?? []
      return there + hiccups + watch.absent.sorted { $0.key < $1.key }.map { "\($0.key): not here: \($0.value)" }
    } catch { return ["nothing: \(error)"] }
  }
}
