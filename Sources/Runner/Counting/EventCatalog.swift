import Counters
import KVM
import LinuxSystem
import Topology

/// Everything that can be counted by name on this host, and why not where it cannot.
public struct EventCatalog: Sendable {
  /// An event, and whether it can be had.
  public struct Entry: Sendable, Encodable {
    public enum Source: String, Sendable, Encodable {
      case processor, software, tracepoint, statistic
    }

    public let name: String
    public let source: Source
    public let description: String
    public let available: Bool
    /// Why it cannot be had; nil where it can.
    public let reason: String?
  }

  public let entries: [Entry]
  /// Kinds of events of which nothing is known here, and why.
  public let problems: [String]

  /// Looks at everything anew: the processor's events, software events, KVM's tracepoints and KVM's statistics.
  /// - Parameter pattern: a part of the name, in any case; `*` stands for anything. A pattern that begins with another
  ///   subsystem's name and a colon, such as `sched:`, lists its tracepoints.
  public init(matching pattern: String? = nil) {
    var (entries, problems): ([Entry], [String]) = ([], [])
    for kind in PerfEventKind.generic { entries.append(Self.entry(kind)) }
    do throws(Unavailable) { entries += try Self.processorEvents() } catch { problems.append(error.reason) }
    let subsystems = Self.subsystems(pattern)
    do throws(Unavailable) { entries += try Self.tracepoints(subsystems) } catch { problems.append(error.reason) }
    do throws(SystemError) { entries += try Self.statistics() } catch { problems.append(error.description) }
    self.entries = entries.filter { pattern.map($0.matches) ?? true }
    self.problems = problems
  }

  private static func entry(_ kind: PerfEventKind) -> Entry {
    let (source, words): (Entry.Source, String) =
      kind.source == .kernel ? (.software, "counted by the kernel") : (.processor, "perf's own name")
    do throws(UnavailableCounter) {
      let found = try CounterResolver.check(kind)
      return Entry(
        name: kind.name, source: source, description: found == kind ? words : "\(words), user space only",
        available: true, reason: nil)
    } catch {
      return Entry(name: kind.name, source: source, description: words, available: false, reason: error.reason)
    }
  }

  private static func processorEvents() throws(Unavailable) -> [Entry] {
    try PMU.events().map { event in
      var reason: String?
      do {
        _ = try CounterResolver.check(PerfEventKind(named: event.name))
      } catch let error as UnavailableCounter {
        reason = error.reason
      } catch { reason = (error as? Unavailable)?.reason ?? "\(error)" }
      return Entry(
        name: event.name, source: .processor, description: event.description, available: reason == nil, reason: reason)
    }
  }

  private static func subsystems(_ pattern: String?) -> [String] {
    guard let pattern, let colon = pattern.firstIndex(of: ":"), pattern[colon...].dropFirst().first != ":" else {
      return ["kvm"]
    }
    let name = String(pattern[..<colon])
    return name.isEmpty || name.contains("*") ? ["kvm"] : [name]
  }

  /// One is opened for all: opening a tracepoint changes the kernel's code, and closing it waits for every CPU.
  private static func tracepoints(_ subsystems: [String]) throws(Unavailable) -> [Entry] {
    var resolver = CounterResolver()
    var all: [Entry] = []
    for subsystem in subsystems {
      let names = try resolver.tracepoints(of: subsystem)
      var reason: String?
      if let first = names.first {
        do throws(UnavailableCounter) { _ = try resolver.openable(first) } catch { reason = error.reason }
      }
      all += names.map { name in
        let fields = (try? resolver.format(name))?.fields ?? []
        return Entry(
          name: name, source: .tracepoint,
          description: fields.isEmpty ? "no fields to filter by" : "fields \(fields.joined(separator: ", "))",
          available: reason == nil, reason: reason)
      }
    }
    return all
  }

  /// Always counted: they need no name on the command line.
  private static func statistics() throws(SystemError) -> [Entry] {
    let machine = try System().createVirtualMachine()
    let vcpu = try machine.createVCPU(0)
    let own = try machine.statistics().descriptions
    let others = try vcpu.statistics().descriptions
    return own.map { entry($0, "") } + others.map { entry($0, "vcpu.") }
  }

  private static func entry(_ statistic: StatisticDescription, _ prefix: String) -> Entry {
    let words: String
    switch statistic.kind {
    case .cumulative: words = "count"
    case .instant: words = "how things stand"
    case .peak: words = "largest value"
    case .linearHistogram, .logarithmicHistogram: words = "histogram of \(statistic.size) buckets"
    }
    return Entry(
      name: prefix + statistic.name, source: .statistic,
      description: "\(words)\(statistic.unitSymbol.map { " in \($0)" } ?? ""), in every leg", available: true,
      reason: nil)
  }
}

extension EventCatalog.Entry {
  func matches(_ pattern: String) -> Bool {
    let parts = pattern.lowercased().split(separator: "*", omittingEmptySubsequences: true)
    var rest = Substring(name.lowercased())
    for part in parts {
      guard let place = rest.firstRange(of: part) else { return false }
      rest = rest[place.upperBound...]
    }
    return true
  }
}
