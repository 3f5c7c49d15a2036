import LinuxSystem
import SystemPackage
import Topology

/// Turns names into events that this host can open, and says why of those that it cannot.
public struct CounterResolver: ~Copyable {
  private let tracing: TraceFileSystem?
  private let tracingProblem: Unavailable?
  private let hold: TracepointHold
  /// Tracepoints that were looked up, since reading one's format takes a file.
  private var formats: [String: Result<TracepointFormat, Unavailable>] = [:]

  /// - Parameter hold: keeps what is tried switched on, for as long as the caller keeps it.
  public init(_ hold: TracepointHold = TracepointHold()) {
    self.hold = hold
    do throws(Unavailable) {
      tracing = try TraceFileSystem()
      tracingProblem = nil
    } catch {
      tracing = nil
      tracingProblem = error
    }
  }

  /// The event of a name, whether it opens or not.
  public mutating func kind(named name: String) throws(Unavailable) -> PerfEventKind {
    if name.hasSuffix("}"), let brace = name.firstIndex(of: "{") { return try filtered(name, at: brace) }
    let known = PerfEventKind.generic.first { $0.name == name }
    if let known { return known }
    do throws(Unavailable) { return try PerfEventKind(named: name) } catch {
      guard Self.looksLikeTracepoint(name) else { throw error }
      return PerfEventKind(try format(name))
    }
  }

  /// The event of a name where it opens for a thread of this process.
  /// - Throws: why not, and what the user can do.
  public mutating func openable(_ name: String) throws(UnavailableCounter) -> PerfEventKind {
    let kind: PerfEventKind
    do throws(Unavailable) { kind = try self.kind(named: name) } catch {
      throw UnavailableCounter(name, error.reason, remedy: error == tracingProblem ? TraceFileSystem.remedy : nil)
    }
    return try check(kind)
  }

  /// As the static function, and a tracepoint stays held.
  func check(_ kind: PerfEventKind) throws(UnavailableCounter) -> PerfEventKind {
    guard kind.source == .tracepoint else { return try Self.check(kind) }
    do throws(SystemError) { try hold.keep(kind) } catch {
      throw UnavailableCounter(kind, PerfRefusal(error.errno))
    }
    return kind
  }

  /// An event as this user may count it: whole, else in user space alone where that keeps its meaning.
  public static func check(_ kind: PerfEventKind) throws(UnavailableCounter) -> PerfEventKind {
    do throws(SystemError) {
      _ = try PerfEvent(kind)
      return kind
    } catch {
      let refused = [Errno.permissionDenied, .notPermitted].contains(error.errno)
      // A context switch or a tracepoint happens in the kernel: without it the count would be a false zero.
      let keepsMeaning = kind.source == .processor || kind == .pageFaults
      if refused && keepsMeaning, (try? PerfEvent(kind.userOnly)) != nil { return kind.userOnly }
      throw UnavailableCounter(kind, PerfRefusal(error.errno))
    }
  }

  /// The tracepoint of a name.
  public mutating func format(_ name: String) throws(Unavailable) -> TracepointFormat {
    if let known = formats[name] { return try known.get() }
    let result: Result<TracepointFormat, Unavailable>
    switch tracing {
    case .some(let tracing): result = Result { () throws(Unavailable) in try tracing.format(of: name) }
    case .none: result = .failure(tracingProblem ?? Unavailable("no tracefs"))
    }
    formats[name] = result
    return try result.get()
  }

  /// Names of a subsystem's tracepoints, with it: "kvm:kvm_exit".
  public borrowing func tracepoints(of subsystem: String) throws(Unavailable) -> [String] {
    switch tracing {
    case .some(let tracing): return try tracing.tracepoints(of: subsystem).map { "\(subsystem):\($0)" }
    case .none: throw tracingProblem ?? Unavailable("no tracefs")
    }
  }

  /// "kvm:kvm_exit": a colon, and only what subsystems and events are made of.
  static func looksLikeTracepoint(_ name: String) -> Bool {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { part in
        !part.isEmpty
          && part.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f }
      }
  }

  /// "kvm:kvm_pio{port=0x3f8-0x3ff}", "kvm:kvm_exit{exit_reason=EPT_VIOLATION}".
  private mutating func filtered(_ name: String, at brace: String.Index) throws(Unavailable) -> PerfEventKind {
    let tracepoint = String(name[..<brace])
    let condition = name[name.index(after: brace)...].dropLast().split(separator: "=", maxSplits: 1)
    guard condition.count == 2 else { throw Self.badFilter(name) }
    let (field, value) = (String(condition[0]), String(condition[1]))
    let format = try self.format(tracepoint)
    if let reason = ExitReason.all.first(where: { $0.name == value && $0.field == field }) {
      return try PerfEventKind(format, field: field, in: reason.number...reason.number, label: value)
    }
    let ends = value.split(separator: "-", omittingEmptySubsequences: false).map(Self.number)
    guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else {
      throw Self.badFilter(name)
    }
    return try PerfEventKind(format, field: field, in: first...last)
  }

  private static func badFilter(_ name: String) -> Unavailable {
    Unavailable("\(name): expected SUBSYSTEM:EVENT{FIELD=NUMBER} or {FIELD=FIRST-LAST}")
  }

  private static func number(_ text: Substring) -> UInt64? {
    text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
  }
}
