import Devices
import Testing

@Suite struct PCIBaseAddressTests {
  let machine = PCIMachine()

  /// A function with ports at 0, 32-bit memory at 1 and 64-bit memory at 2 and 3.
  private func function() -> (PCIFunction, ports: ScratchRegion, memory: ScratchRegion, wide: ScratchRegion) {
    let function = PCIFunction(PCIIdentity(vendor: 1, device: 2, classCode: 0xff0000), name: "regions")
    let (ports, memory, wide) = (ScratchRegion(), ScratchRegion(), ScratchRegion())
    function.addPorts(ports, at: 0, size: 32)
    function.addMemory(memory, at: 1, size: 0x1000)
    function.addMemory(wide, at: 2, size: 0x4000, is64Bit: true)
    return (function, ports, memory, wide)
  }

  @Test func writingOnesTellsSizesAndKindsAndMapsNothing() {
    machine.pci.attach(function().0, device: 1)
    machine.setConfiguration(1, 4, .word, 3)
    for register in stride(from: 0x10, to: 0x28, by: 4) { machine.setConfiguration(1, register, .long, 0xffff_ffff) }

    #expect(machine.configuration(1, 0x10) == 0xffff_ffe1)
    #expect(machine.configuration(1, 0x14) == 0xffff_f000)
    #expect(machine.configuration(1, 0x18) == 0xffff_c00c)
    #expect(machine.configuration(1, 0x1c) == 0xffff_ffff)
    #expect(machine.configuration(1, 0x20) == 0)
    for index in 0..<6 { #expect(machine.pci.function(device: 1)?.mappedRange(index) == nil) }
  }

  @Test func theCommandRegisterTurnsEachSpaceOnAndOff() {
    let (function, ports, memory, _) = function()
    machine.pci.attach(function, device: 1)
    machine.setConfiguration(1, 0x10, .long, 0xc000)
    machine.setConfiguration(1, 0x14, .long, 0xe000_0000)
    machine.output(0xc004, .byte, 1)
    #expect(ports.values.isEmpty)

    machine.setConfiguration(1, 4, .word, 1)
    machine.output(0xc004, .byte, 7)
    machine.store(0xe000_0010, .long, 8)
    #expect(ports.values == [4: 7])
    #expect(memory.values.isEmpty)

    machine.setConfiguration(1, 4, .word, 2)
    machine.store(0xe000_0010, .long, 9)
    #expect(machine.input(0xc004, .byte) == 0xff)
    #expect(memory.values == [0x10: 9])
  }

  @Test func aRegionFollowsItsBaseAddressAbove4GiBToo() {
    let (function, _, _, wide) = function()
    machine.pci.attach(function, device: 1)
    var moves: [Range<UInt64>?] = []
    function.regionMoved = { index, range in if index == 2 { moves.append(range) } }
    machine.setConfiguration(1, 4, .word, 2)
    machine.setConfiguration(1, 0x18, .long, 0xe010_0000)
    machine.store(0xe010_0000, .quad, 1)
    machine.setConfiguration(1, 0x1c, .long, 0x20)
    machine.store(0x20_e010_0008, .quad, 2)

    #expect(wide.values == [0: 1, 8: 2])
    #expect(machine.load(0xe010_0000, .long) == 0xffff_ffff)
    #expect(moves == [0xe010_0000..<0xe010_4000, 0x20_e010_0000..<0x20_e010_4000])
  }

  @Test func aTakenRangeAndRAMLeaveTheRegionOffUntilItMoves() {
    let (first, _, firstMemory, _) = function()
    let (second, _, secondMemory, _) = function()
    machine.pci.attach(first, device: 1)
    machine.pci.attach(second, device: 2)
    for device in [1, 2] { machine.setConfiguration(device, 4, .word, 2) }
    machine.setConfiguration(1, 0x14, .long, 0xe000_0000)
    machine.setConfiguration(2, 0x14, .long, 0xe000_0000)
    machine.store(0xe000_0000, .long, 1)
    #expect(firstMemory.values == [0: 1])
    #expect(second.mappedRange(1) == nil)

    machine.setConfiguration(2, 0x14, .long, 0x0010_0000)
    #expect(second.mappedRange(1) == nil, "there is RAM")

    machine.setConfiguration(2, 0x14, .long, 0xe000_1000)
    machine.store(0xe000_1000, .long, 2)
    #expect(secondMemory.values == [0: 2])
  }

  @Test func twoRegionsOfAFunctionCanTradePlaces() {
    let function = PCIFunction(PCIIdentity(vendor: 1, device: 2, classCode: 0), name: "trade")
    function.addMemory(ScratchRegion(), at: 0, size: 0x1000)
    function.addMemory(ScratchRegion(), at: 1, size: 0x1000)
    machine.pci.attach(function, device: 1)
    machine.setConfiguration(1, 0x10, .long, 0xe000_0000)
    machine.setConfiguration(1, 0x14, .long, 0xe000_1000)
    machine.setConfiguration(1, 4, .word, 2)
    machine.setConfiguration(1, 0x10, .long, 0xe000_1000)
    #expect(function.mappedRange(0) == nil)
    machine.setConfiguration(1, 0x14, .long, 0xe000_0000)
    machine.setConfiguration(1, 4, .word, 2)

    #expect(function.mappedRange(0) == 0xe000_1000..<0xe000_2000)
    #expect(function.mappedRange(1) == 0xe000_0000..<0xe000_1000)
  }

  @Test func assignmentGivesEveryRegionAnAlignedPlaceOfItsOwnAndTurnsDecodingOn() throws {
    let functions = (1...4).map { device in
      let function = function().0
      machine.pci.attach(function, device: device)
      return function
    }
    try machine.pci.assignBaseAddresses(ports: 0xc010..<0xd000, memory: 0xe000_0000..<0xe002_0000)

    let memory = functions.flatMap { [$0.mappedRange(1), $0.mappedRange(2)] }.compactMap { $0 }
    #expect(memory.count == 8)
    #expect(memory.allSatisfy { $0.lowerBound % UInt64($0.count) == 0 })
    let ports = functions.compactMap { $0.mappedRange(0)?.lowerBound }
    #expect(ports == [0xc020, 0xc040, 0xc060, 0xc080])
  }

  @Test func assignmentSaysWhichFunctionFoundNoRoom() {
    machine.pci.attach(function().0, device: 1)
    let error = #expect(throws: PCISpaceExhausted.self) {
      try machine.pci.assignBaseAddresses(ports: 0xc000..<0xd000, memory: 0xe000_0000..<0xe000_4000)
    }
    #expect(error?.space == .memory)
    #expect(error?.size == 0x1000)
  }
}
