/// What the user asks to be counted beside what is always there: names of sets and of single events.
public struct CounterSelection: Equatable, Sendable {
  /// What the kernel counts of a thread by itself: switches, page faults, migrations, its time.
  public let software: Bool
  /// Cycles, instructions, and misses of caches, branches and TLBs, by the processor.
  public let basic: Bool
  /// What KVM's tracepoints tell of exits, device accesses and interrupts, and the processor's page walks.
  public let vm: Bool
  /// Single events: names of libpfm4, tracepoints ("kvm:kvm_exit"), tracepoints with a field in a range
  /// ("kvm:kvm_pio{port=0x3f8-0x3ff}").
  public let events: [String]

  /// Both sets.
  public static let standard = CounterSelection(basic: true, vm: true, events: [])
  /// Only what costs next to nothing: KVM's statistics, software events, the threads' times.
  public static let none = CounterSelection(basic: false, vm: false, events: [])
  /// No perf event at all: a thread that has one, if only a software event, takes longer to switch to.
  public static let off = CounterSelection(software: false, basic: false, vm: false, events: [])

  public init(software: Bool = true, basic: Bool, vm: Bool, events: [String]) {
    (self.software, self.basic, self.vm, self.events) = (software, basic, vm, events)
  }

  /// What a selection is written as, for messages.
  public static let expected = "none, off, or basic, vm and names of events between commas, each once"

  /// Reads "basic,vm", "none", "off", or names between commas; nil where a name is empty, comes twice, or stands beside "none" or
  /// "off".
  public init?(_ text: String) {
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard Set(names).count == names.count, !names.contains("") else { return nil }
    if let alone = ["none": Self.none, "off": .off].first(where: { names.contains($0.key) }) {
      guard names.count == 1 else { return nil }
      self = alone.value
      return
    }
    self.init(
      basic: names.contains("basic"), vm: names.contains("vm"), events: names.filter { $0 != "basic" && $0 != "vm" })
  }
}
