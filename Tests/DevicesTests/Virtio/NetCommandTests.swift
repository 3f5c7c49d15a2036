import Frames
import GuestMemory
import Testing

@testable import Devices

@Suite struct NetCommandTests {
  private static let features: VirtioFeatures = [
    .netControlReceive, .netControlReceiveExtra, .netControlAddress, .netMultipleQueues,
  ]

  /// Parses a command that lies in buffers of the given lengths.
  private func parse(
    _ bytes: [UInt8], pieces: [Int]? = nil, features: VirtioFeatures = features
  ) throws -> Result<NetCommand, NetRefusal> {
    let memory = try GuestMemory(size: 2 << 20, hugePages: false)
    unsafe memory.bytes(0x1000, bytes.count).copyBytes(from: bytes)
    var chain = DescriptorChain(capacity: 64)
    chain.begin(id: 0)
    var place: UInt64 = 0x1000
    for piece in pieces ?? [bytes.count] {
      try chain.append(place, UInt32(piece), writable: false, memory.window)
      place += UInt64(piece)
    }
    do throws(NetRefusal) {
      return .success(try NetCommand.parse(&chain, features, pairs: 4))
    } catch {
      return .failure(error)
    }
  }

  private static let station = EthernetAddress([2, 1, 1, 1, 1, 1])
  private static let group = EthernetAddress([0x33, 0x33, 0, 0, 0, 1])

  private static let commands: [(bytes: [UInt8], command: NetCommand)] = [
    ([0, 0, 1], .mode(.all, isOn: true)), ([0, 5, 0], .mode(.noBroadcast, isOn: false)),
    ([1, 1] + station.bytes, .address(station)), ([4, 0, 3, 0], .pairs(3)),
    (
      [1, 0, 1, 0, 0, 0] + station.bytes + [1, 0, 0, 0] + group.bytes,
      .tables(stations: [station], groups: [group])
    ),
    ([1, 0, 65, 0, 0, 0] + [UInt8](repeating: 2, count: 390) + [0, 0, 0, 0], .tables(stations: nil, groups: [])),
  ]

  @Test(arguments: commands.indices)
  func aCommandIsTheSameHoweverItsBuffersAreCut(index: Int) throws {
    let (bytes, command) = Self.commands[index]
    #expect(try parse(bytes) == .success(command))
    #expect(try parse(bytes, pieces: [1, bytes.count - 1]) == .success(command))
    if bytes.count <= 64 {
      #expect(try parse(bytes, pieces: [Int](repeating: 1, count: bytes.count)) == .success(command))
    }
  }

  private static let refusals: [(bytes: [UInt8], refusal: NetRefusal)] = [
    ([], .tooShort), ([0], .tooShort), ([0, 0], .tooShort), ([0, 0, 1, 1], .tooLong), ([0, 0, 2], .impossible),
    ([0, 6, 1], .unknown), ([5, 0, 1], .unknown), ([1, 2], .unknown), ([1, 0, 1, 0, 0, 0, 2], .tooShort),
    ([1, 0, 255, 255, 255, 255], .tooShort), ([1, 0, 0, 0, 0, 0], .tooShort), ([1, 1, 2, 2, 2], .tooShort),
    ([1, 1] + group.bytes, .impossible), ([1, 1] + station.bytes + [0], .tooLong), ([4, 0, 0, 0], .impossible),
    ([4, 0, 5, 0], .impossible), ([4, 0, 1], .tooShort),
  ]

  @Test(arguments: refusals.indices)
  func aCommandThatCannotBeIsRefusedWithItsReason(index: Int) throws {
    let (bytes, refusal) = Self.refusals[index]
    #expect(try parse(bytes) == .failure(refusal), "\(bytes)")
  }

  @Test func aCommandOfAFeatureThatTheDriverDidNotAcceptIsRefused() throws {
    for (bytes, _) in Self.commands { #expect(try parse(bytes, features: []) == .failure(.notNegotiated)) }
    let basic: VirtioFeatures = [.netControlReceive]
    #expect(try parse([0, 1, 1], features: basic) == .success(.mode(.allGroups, isOn: true)))
    #expect(try parse([0, 2, 1], features: basic) == .failure(.notNegotiated))
  }
}
