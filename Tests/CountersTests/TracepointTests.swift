import CLinux
import LinuxSystem
import Testing
import Topology

@testable import Counters

@Suite struct TracepointTests {
  static let areThere: Bool = {
    do {
      var resolver = CounterResolver()
      _ = try resolver.openable("syscalls:sys_enter_getppid")
      return true
    } catch { return false }
  }()

  private static let format = """
    name: kvm_pio
    ID: 110
    format:
    \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;

    \tfield:unsigned int rw;\toffset:8;\tsize:4;\tsigned:0;
    \tfield:unsigned int port;\toffset:12;\tsize:4;\tsigned:0;
    \tfield:__u8 insn[15];\toffset:21;\tsize:15;\tsigned:0;

    print fmt: "pio_%s"
    """

  @Test func aFormatGivesNumberAndFieldsWithoutTheCommonOnes() throws {
    let format = try TracepointFormat(name: "kvm:kvm_pio", text: Self.format)
    #expect(format.id == 110)
    #expect(format.fields == ["rw", "port", "insn"])
  }

  @Test func aFormatWithoutANumberIsRefused() {
    #expect(throws: Unavailable.self) { try TracepointFormat(name: "kvm:kvm_pio", text: "name: kvm_pio") }
    #expect(throws: Unavailable.self) { try TracepointFormat(name: "kvm:kvm_pio", text: "") }
  }

  @Test func aRangeOfAFieldBecomesAFilterAndAName() throws {
    let format = try TracepointFormat(name: "kvm:kvm_pio", text: Self.format)
    let range = try PerfEventKind(format, field: "port", in: 0x3f8...0x3ff)
    #expect(range.name == "kvm:kvm_pio{port=0x3f8-0x3ff}" && range.filter == "port>=1016 && port<=1023")
    let one = try PerfEventKind(format, field: "port", in: 0x20...0x20, label: "PIC")
    #expect(one.name == "kvm:kvm_pio{port=PIC}" && one.filter == "port==32")
    #expect { try PerfEventKind(format, field: "gpa", in: 0...0) } throws: { "\($0)".contains("no field gpa") }
  }

  @Test(.enabled(if: areThere, "needs tracefs and the right to open tracepoints"))
  func aTracepointCountsEachHit() throws {
    var resolver = CounterResolver()
    let event = try PerfEvent(try resolver.openable("syscalls:sys_enter_getppid"))
    try event.enable()
    nm_known_system_calls(321)
    try event.disable()
    #expect(try event.read().value == 321)
  }

  @Test(.enabled(if: areThere, "needs tracefs and the right to open tracepoints"))
  func aFilterLetsOnlyItsValuesThrough() throws {
    var resolver = CounterResolver()
    // close(2) of descriptors that are not open: harmless, and the number is the filter's field.
    let event = try PerfEvent(try resolver.openable("syscalls:sys_enter_close{fd=0x70000000-0x70000004}"))
    try event.enable()
    for fd in Int32(0x6fff_fff0)..<0x7000_0010 { close(fd) }
    try event.disable()
    #expect(try event.read().value == 5)
  }

  @Test func namesThatNothingKnowsAreRefusedWithWhatWasExpected() {
    var resolver = CounterResolver()
    for name in ["kvm:kvm_exit{}", "kvm:kvm_exit{exit_reason}", "kvm:kvm_exit{exit_reason=9-1}", "../x:y", "NO_SUCH"] {
      #expect(throws: Unavailable.self, "\(name)") { _ = try resolver.kind(named: name) }
    }
  }
}
