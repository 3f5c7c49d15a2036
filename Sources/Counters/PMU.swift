import CPfm
import LinuxSystem
import SystemPackage
import Topology

/// What this host can count: libpfm4's event tables, and whether hardware events really open.
///
/// The two are apart: libpfm4 knows the processor's events from CPUID, also where a hypervisor lends no counter.
public struct PMU: Sendable {
  /// The units that libpfm4 detects, perf's software and tracepoint pseudo-units included; or why there are none.
  public let models: Result<[PMUModel], Unavailable>
  /// nil when both cycles and instructions open for a thread in user space; else the first refusal.
  public let refusal: PerfRefusal?
  /// `kernel.perf_event_paranoid`: -1 allows all, 2 user space of own threads only, 3 and more (Debian) nothing.
  public let paranoia: Result<Int, Unavailable>

  /// Asks libpfm4 and the kernel. Opens and closes two events; takes no measurable time.
  public init() {
    models = Result(catching: Self.detectModels)
    refusal = Self.firstRefusal()
    paranoia = Result { () throws(Unavailable) in try HostFiles().integer("/proc/sys/kernel/perf_event_paranoid") }
  }

  /// libpfm4 keeps its tables in global state: initialised once, by whoever comes first.
  private static let initialisation: Int32 = pfm_initialize()

  /// Initialises libpfm4 where that was not done yet.
  static func initialise() throws(Unavailable) {
    guard initialisation == PFM_SUCCESS else {
      throw Unavailable("libpfm4: \(unsafe String(cString: pfm_strerror(initialisation)))")
    }
  }

  static func detectModels() throws(Unavailable) -> [PMUModel] {
    try initialise()
    var models: [PMUModel] = []
    for id in PFM_PMU_NONE.rawValue..<PFM_PMU_MAX.rawValue {
      var information = unsafe pfm_pmu_info_t()
      unsafe information.size = MemoryLayout<pfm_pmu_info_t>.size
      guard unsafe pfm_get_pmu_info(pfm_pmu_t(rawValue: id), &information) == PFM_SUCCESS,
        unsafe information.is_present != 0
      else { continue }
      models.append(
        unsafe PMUModel(
          name: String(cString: information.name), description: String(cString: information.desc),
          eventCount: Int(information.nevents), generalCounters: Int(information.num_cntrs),
          fixedCounters: Int(information.num_fixed_cntrs), firstEvent: information.first_event))
    }
    return models
  }

  private static func firstRefusal() -> PerfRefusal? {
    for kind in [PerfEventKind.cycles, .instructions] {
      do {
        _ = try PerfEvent(kind, userOnly: true)
      } catch {
        return PerfRefusal(error.errno)
      }
    }
    return nil
  }

  /// The same as facts, to append to a `HostInventory`.
  public var section: InventorySection {
    var hardware = InventoryFact("pmu.hardware", "hardware events", value: "cycles and instructions open")
    if let refusal {
      hardware = InventoryFact(
        hardware.id, hardware.name,
        unavailable: "no hardware PMU: perf_event_open says \(refusal.errno) (\(refusal.meaning))",
        remedy: refusal.advice)
    }
    return InventorySection(
      "Performance counters",
      [
        hardware,
        InventoryFact("pmu.models", "event tables (libpfm4)") { () throws(Unavailable) in
          try models.get().map { "\($0.name) (\($0.eventCount) events)" }.joined(separator: ", ")
        },
        InventoryFact("pmu.paranoid", "perf_event_paranoid") { () throws(Unavailable) in "\(try paranoia.get())" },
      ])
  }
}
