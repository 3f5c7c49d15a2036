import Devices
import Testing

@testable import KVM
@testable import VirtualMachine

@Suite struct AddressSpacesTests {
  @Test(arguments: 1...8)
  func loadsThatNobodyAnswersAreOnesInAnyWidth(width: Int) {
    let spaces = AddressSpaces()
    var data: UInt64 = 0
    unsafe withUnsafeMutableBytes(of: &data) { bytes in
      unsafe spaces.perform(MemoryAccess(address: 0xc000_0000, width: width, isWrite: false, data: bytes.baseAddress!))
    }
    #expect(data == UInt64.max >> UInt64(64 - width * 8))
  }

  @Test(arguments: [(1, 3), (2, 2), (4, 1)])
  func portsThatNobodyAnswersAreOnesInEveryRepetition(width: Int, count: Int) {
    let spaces = AddressSpaces()
    var data: UInt64 = 0
    unsafe withUnsafeMutableBytes(of: &data) { bytes in
      unsafe spaces.perform(
        PortAccess(port: 0x99, width: width, count: count, isWrite: false, data: bytes.baseAddress!))
    }
    #expect(data == UInt64.max >> UInt64(64 - width * count * 8))
  }

  @Test func everyRepetitionOfAPortWriteArrives() throws {
    let spaces = AddressSpaces()
    var bytes: [UInt8] = []
    try spaces.ports.attach(SerialPort { bytes.append($0) }, name: "COM1", at: 0x3f8..<0x400)
    var data: [UInt8] = [1, 2, 3, 4]
    unsafe data.withUnsafeMutableBytes { data in
      unsafe spaces.perform(PortAccess(port: 0x3f8, width: 1, count: 4, isWrite: true, data: data.baseAddress!))
    }
    #expect(bytes == [1, 2, 3, 4])
  }
}
