import Counters
import Results

extension UnavailableCounters {
  /// One entry a reason, in the order of the first counter of each.
  static func grouped(_ counters: [UnavailableCounter]) -> [UnavailableCounters] {
    var groups: [UnavailableCounters] = []
    for counter in counters {
      if let index = groups.firstIndex(where: { $0.reason == counter.reason }) {
        groups[index].names.append(counter.name)
      } else {
        groups.append(
          UnavailableCounters(names: [counter.name], reason: counter.reason, remedy: counter.remedy ?? ""))
      }
    }
    return groups
  }
}
