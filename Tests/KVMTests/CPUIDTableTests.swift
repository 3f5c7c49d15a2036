import CKVM
import CLinux
import KVM
import TestSupport
import Testing

@Suite struct CPUIDTableTests {
  private static func leaf(_ function: UInt32, _ index: UInt32 = 0, ebx: UInt32 = 0, edx: UInt32 = 0)
    -> kvm_cpuid_entry2
  {
    var entry = kvm_cpuid_entry2()
    entry.function = function
    entry.index = index
    entry.ebx = ebx
    entry.edx = edx
    return entry
  }

  @Test(arguments: [0, 1, 7])
  func everyProcessorFindsItsOwnIdentifier(index: Int) throws {
    let table = CPUIDTable([
      Self.leaf(1, ebx: 0xaabb_1122), Self.leaf(0xb, 0, edx: 99), Self.leaf(0xb, 1, edx: 99), Self.leaf(0x1f, edx: 99),
    ])
    let leaves = table.forProcessor(index, of: 8).entries
    #expect(leaves[0].ebx >> 24 == UInt32(index))
    #expect(leaves[0].ebx >> 16 & 0xff == 8)
    #expect(leaves[0].ebx & 0xffff == 0x1122)
    #expect(leaves[1...].allSatisfy { $0.edx == UInt32(index) })
  }

  @Test func guestsAreToldThatThereIsAHypervisorAndADeadlineTimer() {
    let leaf = CPUIDTable([Self.leaf(1)]).forProcessor(0, of: 1).entries[0]
    #expect(leaf.ecx & (1 << 31) != 0)
    #expect(leaf.ecx & (1 << 24) != 0)
  }

  @Test func otherLeavesArePassedOn() {
    let other = Self.leaf(7, ebx: 0x1234_5678, edx: 0x9abc_def0)
    let kept = CPUIDTable([other]).forProcessor(3, of: 4).entries[0]
    #expect((kept.function, kept.ebx, kept.edx) == (7, 0x1234_5678, 0x9abc_def0))
  }

  @Test(.enabled(if: Host.hasKVM, "needs a /dev/kvm that this user may open"))
  func theGuestSeesItsTable() throws {
    // mov eax, 1; cpuid; shr ebx, 24; mov al, bl; out 0x10, al
    let code: [UInt8] = [0x66, 0xb8, 1, 0, 0, 0, 0x0f, 0xa2, 0x66, 0xc1, 0xeb, 24, 0x88, 0xd8, 0xe6, 0x10]
    let guest = try RealModeGuest(code)
    let table = try System().supportedCPUID()
    #expect(table.entries.contains { $0.function == 0 } && table.entries.count < 256)
    try guest.vcpu.setCPUID(table.forProcessor(0x2a, of: 64))
    #expect(try guest.runToReport() == 0x2a)
  }
}
