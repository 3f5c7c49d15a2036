import CPfm
import LinuxSystem
import Topology

extension PMU {
  /// An event of libpfm4's tables.
  public struct NamedEvent: Equatable, Sendable {
    /// With table and unit mask: "skl::DTLB_LOAD_MISSES:WALK_ACTIVE".
    public let name: String
    /// libpfm4's words, in one line.
    public let description: String
  }

  /// Every event of this processor's tables, one for each unit mask. perf's own pseudo-tables are left out: their events
  /// have other names here.
  public static func events() throws(Unavailable) -> [NamedEvent] {
    var all: [NamedEvent] = []
    for model in try detectModels() where model.name != "perf" && model.name != "perf_raw" {
      var next = model.firstEvent
      while next >= 0 {
        all += namedEvents(next, of: model.name)
        next = pfm_get_event_next(next)
      }
    }
    return all
  }

  private static func namedEvents(_ index: Int32, of table: String) -> [NamedEvent] {
    var event = unsafe pfm_event_info_t()
    unsafe event.size = MemoryLayout<pfm_event_info_t>.size
    guard unsafe pfm_get_event_info(index, PFM_OS_PERF_EVENT, &event) == PFM_SUCCESS else { return [] }
    let name = "\(table)::\(unsafe String(cString: event.name))"
    let text = unsafe line(event.desc)
    var masks: [NamedEvent] = []
    let attributes = unsafe event.nattrs
    for number in 0..<attributes {
      var attribute = unsafe pfm_event_attr_info_t()
      unsafe attribute.size = MemoryLayout<pfm_event_attr_info_t>.size
      guard unsafe pfm_get_event_attr_info(index, number, PFM_OS_PERF_EVENT, &attribute) == PFM_SUCCESS,
        unsafe attribute.type == PFM_ATTR_UMASK
      else { continue }
      let mask = unsafe String(cString: attribute.name)
      masks.append(NamedEvent(name: "\(name):\(mask)", description: "\(text): \(unsafe line(attribute.desc))"))
    }
    return masks.isEmpty ? [NamedEvent(name: name, description: text)] : masks
  }

  private static func line(_ text: UnsafePointer<CChar>?) -> String {
    guard let text = unsafe text else { return "" }
    return unsafe String(cString: text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
