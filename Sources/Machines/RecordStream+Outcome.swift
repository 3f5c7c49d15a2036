import Probe
import ProbeABI

extension RecordStream {
  /// The answers that have arrived, by job.
  public var results: [UInt32: ProbeResult] {
    var all: [UInt32: ProbeResult] = [:]
    for arrival in arrivals {
      if case .result(let job, let result) = arrival.record { all[job] = result }
    }
    return all
  }

  /// A crash that the probe reported, as a sentence.
  public var crash: String? {
    for arrival in arrivals {
      guard case .crash(let crash) = arrival.record else { continue }
      let places = [("RIP", crash.rip), ("error code", crash.error_code), ("CR2", crash.cr2)]
      let text = places.map { "\($0.0) 0x\(String($0.1, radix: 16))" }.joined(separator: ", ")
      return "the probe took exception \(crash.vector) on CPU \(crash.cpu): \(text)"
    }
    return nil
  }

  /// What the stream itself says of a leg without an answer; nil where that is for the machine to say.
  var complaint: String? { error?.description ?? crash }

  /// When the first and the last record were complete, as nanoseconds since `start`.
  func figures(since start: UInt64) -> BootFigures? {
    guard let first = arrivals.first, let last = arrivals.last, case .end = last.record else { return nil }
    return BootFigures(first: first.time - start, last: last.time - start, began: start)
  }
}
