/// What the user asks to be counted beside what is always there: names of sets and of single events.
public struct CounterSelection: Equatable, Sendable {
  /// Cycles, instructions, and misses of caches, branches and TLBs, by the processor.
  public let basic: Bool
  /// What KVM's tracepoints tell of exits, device accesses and interrupts, and the processor's page walks.
  public let vm: Bool
  /// Single events: names of libpfm4, tracepoints ("kvm:kvm_exit"), tracepoints with a field in a range
  /// ("kvm:kvm_pio{port=0x3f8-0x3ff}").
  public let events: [String]

  /// Both sets.
  public static let standard = CounterSelection(basic: true, vm: true, events: [])
  /// Only what costs nothing: KVM's statistics, software events, the threads' times.
  public static let none = CounterSelection(basic: false, vm: false, events: [])

  public init(basic: Bool, vm: Bool, events: [String]) {
    (self.basic, self.vm, self.events) = (basic, vm, events)
  }

  /// Reads "basic,vm", "none", or names between commas; nil where a name is empty, comes twice, or stands beside "none".
  public init?(_ text: String) {
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard Set(names).count == names.count, !names.contains("") else { return nil }
    if names.contains("none") {
      guard names.count == 1 else { return nil }
      self = .none
      return
    }
    self.init(
      basic: names.contains("basic"), vm: names.contains("vm"), events: names.filter { $0 != "basic" && $0 != "vm" })
  }
}
