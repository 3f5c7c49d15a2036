import Devices
import Synchronization

/// Keeps what a function asks of the machine's message-signalled interrupts.
final class MessageLog: MessageInterrupts {
  enum Event: Equatable {
    case set(Int, InterruptMessage?)
    case pulse(Int)
  }
  private let log = Mutex<[Event]>([])

  func set(vector: Int, message: InterruptMessage?) { log.withLock { $0.append(.set(vector, message)) } }
  func pulse(vector: Int) { log.withLock { $0.append(.pulse(vector)) } }

  /// The events since the last call.
  func take() -> [Event] {
    log.withLock { events in
      defer { events = [] }
      return events
    }
  }
}
