import LinuxSystem
import Synchronization

/// Keeps tracepoints switched on in the kernel's code, without counting.
///
/// The last event of a tracepoint that is closed takes the kernel tens of milliseconds, since every CPU has to pass through a
/// quiet state: who opens events again and again holds one of each meanwhile.
public final class TracepointHold: Sendable {
  private let events = Mutex<[UInt64: PerfEventBox]>([:])

  public init() {}

  /// Opens an event of the kind's tracepoint where none is held. Other kinds are opened and closed.
  /// - Throws: the refusal.
  func keep(_ kind: PerfEventKind) throws(SystemError) {
    let opened = PerfEventBox(try PerfEvent(kind))
    guard kind.source == .tracepoint else { return }
    events.withLock { if $0[kind.configuration] == nil { $0[kind.configuration] = opened } }
  }

  /// Lets go of all. Blocks for as long as the kernel takes.
  public func release() {
    let old = events.withLock { held in
      let old = held
      held = [:]
      return old
    }
    _ = consume old
  }
}
