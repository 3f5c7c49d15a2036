import Frames
import LinuxSystem
import Testing

@testable import Devices

@Suite struct E1000ReceiveTests {
  typealias R = E1000Guest.R
  private static let broadcasts: UInt32 = 1 << 15
  private static let stripped: UInt32 = 1 << 26

  @Test func aFrameFitsOneBufferAndIsMarkedAsDoneAndWhole() throws {
    let guest = try E1000Guest()
    guest.start()
    guest.write(R.ims, 0x80)
    let frame = E1000Guest.frame(1514)
    guest.wire.send(frame)
    guest.turn()
    let first = guest.received(0)
    #expect(first.length == 1514 && first.status == 7 && first.errors == 0)
    #expect(guest.buffer(0, 1514) == frame)
    #expect(guest.read(R.rdh) == 1)
    #expect(guest.line.pulses == 1)
    #expect(guest.read(R.icr) & 0x80 != 0)
    #expect(guest.received(1).status == 0)
  }

  @Test func shortFramesArePaddedAndTheCheckSequenceIsThereWhereItIsNotStripped() throws {
    let guest = try E1000Guest()
    guest.start(receive: Self.broadcasts)
    guest.wire.send(E1000Guest.frame(42))
    guest.turn()
    let expected = E1000Guest.frame(42) + [UInt8](repeating: 0, count: 18)
    #expect(guest.received(0).length == 64)
    #expect(guest.buffer(0, 60) == expected)
    // Over a frame and its own check sequence CRC-32 has one value for all frames.
    #expect(unsafe guest.buffer(0, 64).withUnsafeBytes { unsafe FrameCheckSequence.of($0) } == 0x2144_df1c)
  }

  @Test(arguments: [256, 512, 1024, 2048])
  func aFrameSpreadsOverAsManyBuffersAsItNeeds(size: Int) throws {
    let guest = try E1000Guest()
    let field: UInt32 = [2048: 0, 1024: 1, 512: 2, 256: 3][size]!
    guest.start(receive: Self.stripped | field << 16)
    let frame = E1000Guest.frame(1514)
    guest.wire.send(frame)
    guest.turn()
    let count = (1514 + size - 1) / size
    var bytes: [UInt8] = []
    for index in 0..<count {
      let part = guest.received(UInt64(index))
      #expect(part.status & 3 == (index == count - 1 ? 3 : 1))
      bytes += guest.buffer(UInt64(index), part.length)
    }
    #expect(bytes == frame)
    #expect(guest.read(R.rdh) == UInt32(count))
  }

  @Test func longFramesArriveOnlyWhereTheyAreAskedForInLargeBuffers() throws {
    let guest = try E1000Guest()
    guest.start(receive: Self.stripped)
    guest.wire.send(E1000Guest.frame(9000))
    guest.turn()
    #expect(guest.received(0).status == 0)
    #expect(guest.device.counters.oversized == 1)
    guest.write(R.rctl, 1 << 1 | 1 << 5 | Self.stripped | 1 << 25 | 1 << 16)
    guest.wire.send(E1000Guest.frame(9000))
    guest.turn()
    #expect(guest.received(0).length == 9000)
    #expect(guest.buffer(0, 9000) == E1000Guest.frame(9000))
  }

  @Test func descriptorsWithoutABufferAreDoneWithoutAByte() throws {
    let guest = try E1000Guest()
    guest.start()
    guest.memory.put(0 as UInt64, E1000Guest.receiveRing)
    guest.wire.send(E1000Guest.frame(64))
    guest.turn()
    #expect(guest.received(0).status == 1 && guest.received(0).length == 0)
    #expect(guest.received(1).status == 7 && guest.received(1).length == 64)
  }

  @Test func filtersLetThroughWhatTheDriverAskedForByAddressGroupAndTable() throws {
    let guest = try E1000Guest()
    guest.start(receive: Self.stripped)
    let group = EthernetAddress([0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb])
    let other = EthernetAddress([2, 9, 9, 9, 9, 9])
    func passes(_ address: EthernetAddress) -> Bool {
      let head = guest.read(R.rdh)
      guest.wire.send(E1000Guest.frame(64, to: address))
      guest.turn()
      let now = guest.read(R.rdh)
      guest.write(R.rdt, (now + 15) % 16)
      return now != head
    }
    #expect(passes(E1000Guest.address))
    #expect(!passes(.broadcast) && !passes(group) && !passes(other))
    guest.write(R.rctl, 2 | Self.stripped | Self.broadcasts)
    #expect(passes(.broadcast) && !passes(group))
    guest.write(R.rctl, 2 | Self.stripped | 1 << 3)
    #expect(passes(other) && !passes(group))
    guest.write(R.rctl, 2 | Self.stripped | 1 << 4)
    #expect(passes(group) && passes(.broadcast) && !passes(other))
    guest.write(R.ral + 8, 0x0909_0902)
    guest.write(R.ral + 12, 0x8000_0909)
    #expect(passes(other))
    // The last two bytes, 0xfb00 as a number, chosen 12 bits at a time from the highest.
    for (offset, hash) in [(0, 0xfb0), (1, 0xf60), (2, 0xec0), (3, 0xb00)] as [(UInt32, UInt32)] {
      guest.write(R.rctl, 2 | Self.stripped | offset << 12)
      #expect(!passes(group))
      guest.write(R.mta + UInt64(hash >> 5) * 4, 1 << (hash & 31))
      #expect(passes(group), "\(offset)")
      guest.write(R.mta + UInt64(hash >> 5) * 4, 0)
    }
  }

  @Test func framesWithoutABufferStayOnTheWireOneWithTooFewIsLostAndCounted() throws {
    let guest = try E1000Guest()
    guest.start(receive: Self.stripped | 3 << 16, buffers: 2)
    guest.wire.send(E1000Guest.frame(1514))
    guest.turn()
    #expect(guest.read(R.icr) & 0x40 != 0)
    #expect(guest.device.counters.overruns == 1 && guest.read(0x4010) == 1)
    guest.wire.send(E1000Guest.frame(200))
    guest.wire.send(E1000Guest.frame(200))
    guest.wire.send(E1000Guest.frame(200, seed: 3))
    guest.turn()
    #expect(guest.wire.waiting == 1)
    #expect(guest.read(R.icr) & 0x90 == 0x90)
    guest.write(R.rdt, 3)
    guest.turn()
    #expect(guest.wire.waiting == 0)
    #expect(guest.buffer(2, 200) == E1000Guest.frame(200, seed: 3))
  }

  @Test func aControllerThatSleepsWakesForFramesAndForBuffers() throws {
    let guest = try E1000Guest()
    let device = guest.device
    let thread = try PinnedThread(name: "test-e1000") { try! device.serve() }
    defer {
      device.stop()
      thread.join()
    }
    guest.start(buffers: 1)
    guest.wire.send(E1000Guest.frame(64))
    #expect(NetGuest.eventually { guest.read(R.rdh) == 1 })
    guest.wire.send(E1000Guest.frame(64))
    guest.wire.send(E1000Guest.frame(64))
    guest.write(R.rdt, 3)
    #expect(NetGuest.eventually { guest.read(R.rdh) == 3 })
    guest.write(R.itr, 2000)
    guest.write(R.ims, 4)
    guest.write(R.ics, 4)
    _ = guest.read(R.icr)
    guest.write(R.ics, 4)
    #expect(NetGuest.eventually { guest.line.pulses == 2 })
  }
}
