/// Keeps an event open in an array, which cannot hold it by itself.
final class PerfEventBox: Sendable {
  private let event: PerfEvent

  init(_ event: consuming PerfEvent) {
    self.event = event
  }
}
