import LinuxSystem
import Topology

/// What a run counts. Made once a run: names are looked up and tried then, not in front of every leg.
///
/// Two parts, because counting must not disturb what is measured. In the *legs*: software events, and as many hardware events
/// as any processor counts at the same time. In the *counting pass*, short legs of their own whose times nobody compares: the
/// tracepoints, whose every hit costs the exit that it counts, and the other hardware events, which may share counters.
public struct CounterPlan: Sendable {
  /// What every leg counts.
  public let legs: [CounterGroup]
  /// What the counting pass counts; empty where there is nothing more to count.
  public let pass: [CounterGroup]
  /// What was asked for and cannot be had.
  public let unavailable: [UnavailableCounter]

  /// Nothing but what needs no perf event.
  public static let empty = CounterPlan(legs: [], pass: [], unavailable: [])

  init(legs: [CounterGroup], pass: [CounterGroup], unavailable: [UnavailableCounter]) {
    (self.legs, self.pass, self.unavailable) = (legs, pass, unavailable)
  }

  /// Looks up and tries every event of a selection.
  /// - Parameters:
  ///   - selection: what the user asks for.
  ///   - exitReasons: those that the host's backend numbers.
  ///   - hold: keeps the tracepoints that were tried switched on.
  ///   - places: filtered tracepoints of the machine's devices, as the set `vm` has them: "kvm:kvm_pio{port=0x3f8-0x3ff}".
  /// - Throws: `Unavailable` for a single event whose name nothing here knows: a mistake of the user's.
  public init(
    _ selection: CounterSelection, exitReasons: [ExitReason] = [], places: [String] = [],
    hold: TracepointHold = TracepointHold()
  ) throws(Unavailable) {
    var resolver = CounterResolver(hold)
    var missing: [UnavailableCounter] = []
    let software = selection.software ? Self.open(PerfEventKind.software, &missing) : []
    let basic = selection.basic ? Self.open(PerfEventKind.basic, &missing) : []
    var traced: [PerfEventKind] = []
    var hardware: [PerfEventKind] = []
    if selection.vm {
      let reasons = exitReasons.map { "kvm:kvm_exit{exit_reason=\($0.name)}" }
      traced = Self.open(PerfEventKind.kvmTracepoints + reasons + places, &resolver, &missing)
      hardware = Self.pageWalks(&missing)
    }
    for name in selection.events {
      let kind = try resolver.kind(named: name)
      do throws(UnavailableCounter) {
        let kind = try resolver.check(kind)
        if kind.source == .processor { hardware.append(kind) } else { traced.append(kind) }
      } catch { missing.append(error) }
    }
    legs = Self.legGroups(software, basic)
    pass = Self.passGroups(traced, Array(basic.dropFirst(Self.eventsInLegs)) + hardware)
    unavailable = missing
  }

  /// Hardware events of guest code in a leg. With cycles and instructions of host code these are six, which processors since
  /// 2011 count at the same time, two of them on Intel's fixed counters (Intel SDM volume 3B §20.2; AMD APM volume 2 §13.2).
  private static let eventsInLegs = 4

  private static func legGroups(_ software: [PerfEventKind], _ basic: [PerfEventKind]) -> [CounterGroup] {
    var groups: [CounterGroup] = []
    if !software.isEmpty { groups.append(CounterGroup(software)) }
    let few = Array(basic.prefix(eventsInLegs))
    if !few.isEmpty {
      groups.append(CounterGroup(few, side: .guest, on: .vcpus))
      groups.append(CounterGroup(Array(few.prefix(2)), side: .host, on: .vcpus))
      groups.append(CounterGroup(few, side: .host, on: .others))
    }
    return groups
  }

  private static func passGroups(_ traced: [PerfEventKind], _ hardware: [PerfEventKind]) -> [CounterGroup] {
    var groups: [CounterGroup] = []
    // Software counters never wait for each other: one group of any size would do, but a read of it is one long answer.
    for first in stride(from: 0, to: traced.count, by: 16) {
      groups.append(CounterGroup(Array(traced[first..<min(first + 16, traced.count)]), on: .vcpus))
    }
    for first in stride(from: 0, to: hardware.count, by: eventsInLegs) {
      let some = Array(hardware[first..<min(first + eventsInLegs, hardware.count)])
      groups.append(CounterGroup(some, side: .guest, on: .vcpus))
      groups.append(CounterGroup(some, side: .host))
    }
    return groups
  }

  private static func open(_ kinds: [PerfEventKind], _ missing: inout [UnavailableCounter]) -> [PerfEventKind] {
    var open: [PerfEventKind] = []
    for kind in kinds {
      do throws(UnavailableCounter) { open.append(try CounterResolver.check(kind)) } catch { missing.append(error) }
    }
    return open
  }

  private static func open(
    _ names: [String], _ resolver: inout CounterResolver, _ missing: inout [UnavailableCounter]
  ) -> [PerfEventKind] {
    var open: [PerfEventKind] = []
    for name in names {
      do throws(UnavailableCounter) { open.append(try resolver.openable(name)) } catch { missing.append(error) }
    }
    return open
  }

  private static func pageWalks(_ missing: inout [UnavailableCounter]) -> [PerfEventKind] {
    let known = PerfEventKind.pageWalks()
    if known.isEmpty {
      missing.append(
        UnavailableCounter("page walks", "libpfm4's tables of this processor have no event of page walks"))
    }
    return open(known, &missing)
  }
}
