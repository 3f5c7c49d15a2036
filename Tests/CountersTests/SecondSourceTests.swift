import CLinux
import Testing

@testable import Counters

/// Every event that the sets ship by libpfm4's name, on processors that are not this one, held against perf's own tables.
@Suite(.enabled(if: PerfTables.program != nil, "no perf here to hold encodings against: apt-get install linux-perf"))
struct SecondSourceTests {
  /// A processor: libpfm4's table, and its name as perf has it.
  private static let processors = [
    ("hsw", "GenuineIntel-6-3C-3"), ("bdw", "GenuineIntel-6-3D-4"), ("skl", "GenuineIntel-6-5E-3"),
    ("skx", "GenuineIntel-6-55-4"), ("clx", "GenuineIntel-6-55-7"), ("icl", "GenuineIntel-6-7E-5"),
    ("icx", "GenuineIntel-6-6A-6"), ("spr", "GenuineIntel-6-8F-8"), ("amd64_fam17h_zen1", "AuthenticAMD-23-1-2"),
    ("amd64_fam17h_zen2", "AuthenticAMD-23-31-0"), ("amd64_fam19h_zen3", "AuthenticAMD-25-1-1"),
    // perf before Linux 6.2 has one table for all of family 19h, that of Zen 3.
    ("amd64_fam19h_zen4", "AuthenticAMD-25-11-1"),
  ]

  /// What the kernel's own events stand for, and what manuals name first: the sets' neighbours.
  private static let neighbours = [
    "LONGEST_LAT_CACHE:MISS", "LONGEST_LAT_CACHE:REFERENCE", "BR_INST_RETIRED:ALL_BRANCHES",
    "BR_MISP_RETIRED:ALL_BRANCHES", "DTLB_LOAD_MISSES:WALK_COMPLETED", "DTLB_STORE_MISSES:WALK_COMPLETED",
    "ITLB_MISSES:WALK_COMPLETED", "RETIRED_INSTRUCTIONS", "RETIRED_BRANCH_INSTRUCTIONS",
    "RETIRED_BRANCH_INSTRUCTIONS_MISPREDICTED",
  ]

  /// perf's name of libpfm4's event. AMD's documents have short names, which perf takes, and long ones, which libpfm4 takes.
  private static func name(_ event: String) -> String {
    let amd = [
      "L1_DTLB_MISS:": "ls_l1_d_tlb_miss.", "RETIRED_INSTRUCTIONS": "ex_ret_instr",
      "RETIRED_BRANCH_INSTRUCTIONS_MISPREDICTED": "ex_ret_brn_misp", "RETIRED_BRANCH_INSTRUCTIONS": "ex_ret_brn",
    ]
    if let whole = amd[event] { return whole }
    let short = amd.first { event.hasPrefix($0.key) && $0.key.hasSuffix(":") }
    return short.map { $0.value + event.dropFirst($0.key.count).lowercased() }
      ?? event.lowercased().split(separator: ":").joined(separator: ".")
  }

  @Test func everyEventOfTheSetsIsEncodedAsPerfEncodesIt() async {
    await #expect(processExitsWith: .success) {
      unsafe setenv("LIBPFM_ENCODE_INACTIVE", "1", 1)
      for (table, processor) in SecondSourceTests.processors {
        let perf = try PerfTables(of: processor).configurations
        #expect(perf.count > 100, "perf has no table of \(processor)")
        let walks = PerfEventKind.pageWalks(of: table).map(\.name)
        #expect(!walks.isEmpty, "no page walks on \(table)")
        let others = SecondSourceTests.neighbours.map { "\(table)::\($0)" }.filter {
          (try? PerfEventKind(named: $0)) != nil
        }
        #expect(others.count >= 3, "\(table) lacks what it should have: \(others)")
        for event in walks + others {
          let own = try PerfEventKind(named: event).encoding
          let name = SecondSourceTests.name(String(event.dropFirst(table.count + 2)))
          #expect(own.type == 4, "\(event): PERF_TYPE_RAW")
          #expect(
            perf[name] == own.configuration, "\(event) is \(own.configuration), perf's \(name) \(perf[name] ?? 0)")
        }
      }
    }
  }

  /// An event counted under two names takes a counter from another one.
  @Test func noProcessorCountsAPageWalkTwice() async {
    await #expect(processExitsWith: .success) {
      unsafe setenv("LIBPFM_ENCODE_INACTIVE", "1", 1)
      for (table, _) in SecondSourceTests.processors {
        let walks = PerfEventKind.pageWalks(of: table)
        let selectors = walks.map { $0.encoding.configuration & 0xffff }
        #expect(Set(selectors).count == selectors.count, "\(table): \(walks.map(\.name))")
      }
    }
  }
}
