import LinuxSystem
import SystemPackage
import Topology

/// How fast a CPU ran while it was not idle, from the APERF and MPERF counters (Intel SDM volume 3 §15.2, AMD APM volume 2
/// §17.3) by way of perf's `msr` unit, which needs `CAP_PERFMON` but no module.
public final class ClockMeter: Sendable {
  /// The two counts of one moment.
  public struct Reading: Equatable, Sendable {
    let actual: UInt64
    let base: UInt64
  }

  private let actual: PerfEvent
  private let base: PerfEvent

  /// - Throws: `Unavailable` where the processor or the hypervisor below has no such counters, or this process may not read
  ///   them.
  public init(cpu: Int, files: HostFiles = HostFiles()) throws(Unavailable) {
    actual = try Self.open("aperf", cpu, files)
    base = try Self.open("mperf", cpu, files)
  }

  private static func open(_ name: String, _ cpu: Int, _ files: HostFiles) throws(Unavailable) -> PerfEvent {
    let unit = "/sys/bus/event_source/devices/msr"
    guard files.exists("\(unit)/events/\(name)") else {
      throw Unavailable("the kernel's msr unit has no \(name) (no \(unit)/events/\(name)), as on most virtual machines")
    }
    let text = try files.text("\(unit)/events/\(name)")
    guard text.hasPrefix("event=0x"), let event = UInt64(text.dropFirst(8), radix: 16),
      let type = UInt32(exactly: try files.integer("\(unit)/type"))
    else { throw Unavailable("\(unit)/events/\(name): \"\(text)\" is no event number") }
    do throws(SystemError) {
      let event = try PerfEvent(
        PerfEventKind("msr/\(name)", type: type, configuration: event), thread: -1, cpu: Int32(cpu))
      try event.enable()
      return event
    } catch { throw Unavailable(error.description) }
  }

  /// The counts now; nil when the kernel could not schedule the events.
  public func read() -> Reading? {
    guard let actual = try? actual.read(), let base = try? base.read() else { return nil }
    return Reading(actual: actual.value, base: base.value)
  }
}
