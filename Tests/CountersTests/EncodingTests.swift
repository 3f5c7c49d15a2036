import CLinux
import Testing

@testable import Counters

/// Names of three processors that are not this one, held against the codes in their vendors' manuals. libpfm4 encodes tables
/// of absent processors when its environment says so before it starts: each test is a process of its own.
@Suite struct EncodingTests {
  /// An event selector as both vendors lay it out: event in bits 7:0, unit mask in 15:8, counter mask in 31:24
  /// (Intel SDM volume 3B, IA32_PERFEVTSELx; AMD APM volume 2 §13.2.1).
  private static func code(event: UInt64, mask: UInt64 = 0, counterMask: UInt64 = 0) -> UInt64 {
    event | mask << 8 | counterMask << 24
  }

  private static func expect(_ name: String, _ code: UInt64) {
    do {
      let kind = try PerfEventKind(named: name)
      #expect(kind.encoding.configuration == code, "\(name) is 0x\(String(kind.encoding.configuration, radix: 16))")
      #expect(kind.encoding.type == 4, "PERF_TYPE_RAW")
    } catch { Issue.record(error) }
  }

  private static func encodeAbsent() { unsafe setenv("LIBPFM_ENCODE_INACTIVE", "1", 1) }

  /// Intel's event list of the Skylake core, and SDM volume 3B, table 20-1 for the architectural events.
  @Test func skylakeAsIntelsManualHasIt() async {
    await #expect(processExitsWith: .success) {
      EncodingTests.encodeAbsent()
      EncodingTests.expect("skl::LONGEST_LAT_CACHE:MISS", EncodingTests.code(event: 0x2e, mask: 0x41))
      EncodingTests.expect("skl::LONGEST_LAT_CACHE:REFERENCE", EncodingTests.code(event: 0x2e, mask: 0x4f))
      EncodingTests.expect("skl::BR_INST_RETIRED:ALL_BRANCHES", EncodingTests.code(event: 0xc4))
      EncodingTests.expect("skl::BR_MISP_RETIRED:ALL_BRANCHES", EncodingTests.code(event: 0xc5))
      EncodingTests.expect(
        "skl::DTLB_LOAD_MISSES:WALK_ACTIVE", EncodingTests.code(event: 0x08, mask: 0x10, counterMask: 1))
      EncodingTests.expect("skl::DTLB_LOAD_MISSES:WALK_PENDING", EncodingTests.code(event: 0x08, mask: 0x10))
      EncodingTests.expect("skl::EPT:WALK_PENDING", EncodingTests.code(event: 0x4f, mask: 0x10))
    }
  }

  /// Intel's event list of the Ice Lake core.
  @Test func iceLakeAsIntelsManualHasIt() async {
    await #expect(processExitsWith: .success) {
      EncodingTests.encodeAbsent()
      EncodingTests.expect("icx::LONGEST_LAT_CACHE:MISS", EncodingTests.code(event: 0x2e, mask: 0x41))
      EncodingTests.expect("icx::BR_INST_RETIRED:ALL_BRANCHES", EncodingTests.code(event: 0xc4))
      EncodingTests.expect("icx::BR_MISP_RETIRED:ALL_BRANCHES", EncodingTests.code(event: 0xc5))
      EncodingTests.expect(
        "icx::DTLB_LOAD_MISSES:WALK_ACTIVE", EncodingTests.code(event: 0x08, mask: 0x10, counterMask: 1))
      EncodingTests.expect("icx::DTLB_LOAD_MISSES:WALK_COMPLETED", EncodingTests.code(event: 0x08, mask: 0x0e))
      EncodingTests.expect("icx::ITLB_MISSES:WALK_PENDING", EncodingTests.code(event: 0x85, mask: 0x10))
    }
  }

  /// AMD's Processor Programming Reference of family 17h models 30h and up, §2.1.15.4: PMCx0C0, PMCx0C2, PMCx0C3, PMCx076,
  /// PMCx045.
  @Test func zen2AsAMDsReferenceHasIt() async {
    await #expect(processExitsWith: .success) {
      EncodingTests.encodeAbsent()
      EncodingTests.expect("amd64_fam17h_zen2::RETIRED_INSTRUCTIONS", EncodingTests.code(event: 0xc0))
      EncodingTests.expect("amd64_fam17h_zen2::RETIRED_BRANCH_INSTRUCTIONS", EncodingTests.code(event: 0xc2))
      EncodingTests.expect(
        "amd64_fam17h_zen2::RETIRED_BRANCH_INSTRUCTIONS_MISPREDICTED", EncodingTests.code(event: 0xc3))
      EncodingTests.expect("amd64_fam17h_zen2::CYCLES_NOT_IN_HALT", EncodingTests.code(event: 0x76))
      EncodingTests.expect(
        "amd64_fam17h_zen2::L1_DTLB_MISS:TLB_RELOAD_4K_L2_MISS", EncodingTests.code(event: 0x45, mask: 0x10))
    }
  }

  @Test func modifiersForGuestAndHostAreRefusedByName() {
    for name in ["RETIRED_INSTRUCTIONS:mg=0", "INST_RETIRED:mh=1", "cycles:u:mg"] {
      #expect { try PerfEventKind(named: name) } throws: { "\($0)".contains("leave mg and mh out") }
    }
  }

  @Test func aNameWithoutAModifierCountsTheGuestToo() throws {
    // libpfm4 by itself would exclude the guest here; only the side decides.
    let kind = try PerfEventKind(named: "perf::PERF_COUNT_HW_INSTRUCTIONS")
    #expect(!kind.excludesUser && !kind.excludesKernel)
    #expect(try PerfEventKind(named: "perf::PERF_COUNT_HW_INSTRUCTIONS:u").excludesKernel)
  }
}
