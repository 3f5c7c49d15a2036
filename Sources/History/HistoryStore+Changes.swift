import Dispatch
import Synchronization

extension HistoryStore {
  /// What ``changes(_:minimumSegment:)`` found.
  public struct Changes: Sendable {
    /// Series that changed, whole, in the order of ``series(_:)``.
    public let changed: [HistorySeries]
    /// Points of every series that was looked at.
    public let counts: [Int]
  }

  /// Looks for changes in every series of the kind asked for, on all CPUs. Memory is bounded by the series that changed.
  /// - Parameters:
  ///   - filter: which series.
  ///   - minimumSegment: points on each side of a change, at least 2.
  public func changes(_ filter: HistoryFilter = HistoryFilter(), minimumSegment: Int = 5) throws(HistoryError)
    -> Changes
  {
    let (changed, counts) = try changed(filter, batch: 256) { values in
      let places = Mutex([[ChangePlace]](repeating: [], count: values.count))
      DispatchQueue.concurrentPerform(iterations: values.count) { index in
        let found = ChangePlace.find(values[index], minimumSegment: minimumSegment)
        if !found.isEmpty { places.withLock { $0[index] = found } }
      }
      return places.withLock { $0 }
    }
    return Changes(changed: changed, counts: counts)
  }
}
