import Devices
import Frames
import Testing

/// What a driver does by way of the control queue.
@Suite struct VirtioNetControlTests {
  @Test func onlyFramesForTheDriverArriveAsTheControlQueueHasIt() throws {
    let bench = try VirtioNetTests.Bench(VirtioNetTests.Variant(), VirtioNetTests.basic.union(.netControlReceiveExtra))
    defer { bench.service.end() }
    let other = EthernetAddress([2, 1, 1, 1, 1, 1])
    let group = EthernetAddress([0x33, 0x33, 0, 0, 0, 1])
    func arrives(_ address: EthernetAddress) throws -> Bool {
      let before = bench.guest.device.counters[.framesReceived]
      let filtered = bench.guest.device.counters[.filtered]
      bench.guest.addBuffer([1526], at: NetGuest.buffers)
      bench.guest.kick(NetGuest.receive)
      bench.wire.send(NetGuest.frame(60, to: address))
      try #require(
        NetGuest.eventually {
          bench.guest.device.counters[.framesReceived] > before || bench.guest.device.counters[.filtered] > filtered
        })
      if bench.guest.device.counters[.framesReceived] == before {
        // The buffer is still there: it takes the next frame.
        bench.wire.send(NetGuest.frame(60, to: bench.guest.device.options.address))
        _ = try #require(bench.guest.wait(NetGuest.receive))
        return false
      }
      _ = try #require(bench.guest.wait(NetGuest.receive))
      return true
    }
    let own = bench.guest.device.options.address
    #expect(try arrives(own) && arrives(.broadcast) && !arrives(other) && !arrives(group))
    #expect(try bench.guest.command(0, 1, [1]) == 0)
    #expect(try arrives(group) && !arrives(other))
    #expect(try bench.guest.command(0, 1, [0]) == 0)
    #expect(try bench.guest.command(1, 0, [1, 0, 0, 0] + other.bytes + [1, 0, 0, 0] + group.bytes) == 0)
    #expect(try arrives(group) && arrives(other) && !arrives(EthernetAddress([0x33, 0x33, 0, 0, 0, 2])))
    #expect(try bench.guest.command(0, 5, [1]) == 0)
    #expect(try !arrives(.broadcast))
    #expect(try bench.guest.command(0, 0, [1]) == 0)
    #expect(try arrives(EthernetAddress([2, 7, 7, 7, 7, 7])))
  }

  @Test func commandsThatCannotBeAreAnsweredWithAnErrorAndChangeNothing() throws {
    let bench = try VirtioNetTests.Bench(VirtioNetTests.Variant(), VirtioNetTests.basic.union(.indirectDescriptors))
    defer { bench.service.end() }
    let wrong: [(UInt8, UInt8, [UInt8])] = [
      (0, 0, []), (0, 0, [2]), (0, 0, [1, 1]), (0, 9, [1]), (0, 2, [1]), (1, 0, [1, 0, 0, 0, 2]),
      (1, 0, [255, 255, 255, 255]), (1, 0, []), (1, 1, [1, 2, 3]), (1, 1, [1, 2, 3, 4, 5, 6]), (4, 0, [1, 0]),
      (5, 0, [0]), (99, 0, [1]),
    ]
    for (type, command, data) in wrong {
      #expect(try bench.guest.command(type, command, data) == 1, "\(type) \(command) \(data)")
    }
    // More addresses than there is room for are as good as all.
    let many = [100, 0, 0, 0] + [UInt8](repeating: 2, count: 600) + [0, 0, 0, 0]
    #expect(try bench.guest.command(1, 0, many) == 0)
    #expect(try bench.guest.command(1, 1, [2, 9, 9, 9, 9, 9]) == 0)
    #expect(bench.guest.device.failure == nil)
  }

  @Test func severalQueuePairsSendAndAFlowComesBackOnThePairThatSentIt() throws {
    let options = NetOptions(pairs: 2, queueSize: 32)
    let bench = try VirtioNetTests.Bench(
      VirtioNetTests.Variant(), VirtioNetTests.basic.union(.netMultipleQueues), options: options)
    defer { bench.service.end() }
    #expect(try bench.guest.command(4, 0, [3, 0], queue: 4) == 1)
    #expect(try bench.guest.command(4, 0, [2, 0], queue: 4) == 0)
    var flow = NetGuest.frame(100)
    flow[12] = 8
    flow[13] = 0
    for queue in [0, 2] {
      bench.guest.addBuffer([1526], at: NetGuest.buffers + UInt64(queue) * 4096, queue: queue)
      bench.guest.kick(queue)
    }
    bench.guest.addFrame(flow, queue: 3)
    bench.guest.kick(3)
    _ = try #require(bench.guest.wait(3))
    bench.wire.send(flow)
    #expect(try #require(bench.guest.wait(2)).written == 112)
    bench.wire.send(NetGuest.frame(60))
    #expect(try #require(bench.guest.wait(0)).written == 72)
  }
}
