import Devices
import Testing

@testable import KVM
@testable import VirtualMachine

@Suite struct AddressSpacesTests {
  @Test(arguments: 1...8)
  func loadsThatNobodyAnswersAreOnesInAnyWidth(width: Int) {
    let spaces = AddressSpaces(vcpus: 1)
    var recent = AddressSpaces.Recent()
    var data: UInt64 = 0
    unsafe withUnsafeMutableBytes(of: &data) { bytes in
      unsafe spaces.perform(
        MemoryAccess(address: 0xc000_0000, width: width, isWrite: false, data: bytes.baseAddress!), &recent)
    }
    #expect(data == UInt64.max >> UInt64(64 - width * 8))
  }

  @Test(arguments: [(1, 3), (2, 2), (4, 1)])
  func portsThatNobodyAnswersAreOnesInEveryRepetition(width: Int, count: Int) {
    let spaces = AddressSpaces(vcpus: 1)
    var recent = AddressSpaces.Recent()
    var data: UInt64 = 0
    unsafe withUnsafeMutableBytes(of: &data) { bytes in
      unsafe spaces.perform(
        PortAccess(port: 0x99, width: width, count: count, isWrite: false, data: bytes.baseAddress!), &recent)
    }
    #expect(data == UInt64.max >> UInt64(64 - width * count * 8))
  }

  @Test func whatNobodyTakesStaysAsItIs() {
    let spaces = AddressSpaces(vcpus: 1)
    var recent = AddressSpaces.Recent()
    var data: UInt64 = 0x1234
    unsafe withUnsafeMutableBytes(of: &data) { bytes in
      let data = bytes.baseAddress!
      unsafe spaces.perform(PortAccess(port: 0x99, width: 2, count: 1, isWrite: true, data: data), &recent)
      unsafe spaces.perform(MemoryAccess(address: 0xc000_0000, width: 8, isWrite: true, data: data), &recent)
    }
    #expect(data == 0x1234)
  }

  @Test(arguments: [1, 2])
  func everyRepetitionOfAPortWriteArrives(vcpus: Int) throws {
    let spaces = AddressSpaces(vcpus: vcpus)
    var recent = AddressSpaces.Recent()
    var bytes: [UInt8] = []
    try spaces.ports.attach(SerialPort { bytes.append($0) }, name: "COM1", at: 0x3f8..<0x400)
    var data: [UInt8] = [1, 2, 3, 4]
    unsafe data.withUnsafeMutableBytes { data in
      unsafe spaces.perform(
        PortAccess(port: 0x3f8, width: 1, count: 4, isWrite: true, data: data.baseAddress!), &recent)
    }
    #expect(bytes == [1, 2, 3, 4])
  }

  /// A model that answers with its number.
  private final class Numbered: BusDevice {
    let number: UInt64
    init(_ number: UInt64) { self.number = number }
    func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { number + offset }
    func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {}
  }

  @Test(arguments: [1, 2])
  func anAccessFindsTheDeviceThatIsThereNow(vcpus: Int) throws {
    let spaces = AddressSpaces(vcpus: vcpus)
    var recent = AddressSpaces.Recent()
    func read(_ address: UInt64) -> UInt64 {
      var data: UInt64 = 0
      unsafe withUnsafeMutableBytes(of: &data) { bytes in
        unsafe spaces.perform(
          MemoryAccess(address: address, width: 8, isWrite: false, data: bytes.baseAddress!), &recent)
      }
      return data
    }
    let (first, second) = (Numbered(100), Numbered(200))
    let start = MemoryMap.deviceWindow.lowerBound
    #expect(spaces.attach(first, name: "first", space: .memory, at: start..<start + 8))
    #expect(spaces.attach(second, name: "second", space: .memory, at: start + 8..<start + 16))
    #expect([read(start), read(start + 7), read(start + 8), read(start)] == [100, 107, 200, 100])
    // The one that was reached last moves, and another comes to its place.
    spaces.detach(first, space: .memory)
    #expect(read(start) == .max)
    #expect(spaces.attach(first, name: "first", space: .memory, at: start + 16..<start + 24))
    #expect(spaces.attach(second, name: "second again", space: .memory, at: start..<start + 8))
    #expect([read(start), read(start + 16)] == [200, 100])
  }

  @Test func aDeviceMayMoveWhileItIsAccessed() throws {
    let spaces = AddressSpaces(vcpus: 1)
    var recent = AddressSpaces.Recent()
    final class Mover: BusDevice {
      let spaces: AddressSpaces
      init(_ spaces: AddressSpaces) { self.spaces = spaces }
      func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { offset }
      func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
        spaces.detach(self, space: .ports)
        _ = spaces.attach(self, name: "moved", space: .ports, at: value..<value + 4)
      }
    }
    #expect(spaces.attach(Mover(spaces), name: "mover", space: .ports, at: 0x100..<0x104))
    var data: UInt32 = 0x200
    func access(_ port: UInt16, isWrite: Bool) -> UInt32 {
      unsafe withUnsafeMutableBytes(of: &data) { bytes in
        unsafe spaces.perform(
          PortAccess(port: port, width: 4, count: 1, isWrite: isWrite, data: bytes.baseAddress!), &recent)
      }
      return data
    }
    _ = access(0x100, isWrite: true)
    #expect(access(0x201, isWrite: false) == 1)
    #expect(access(0x100, isWrite: false) == .max)
  }
}
