import Testing

@testable import Devices

/// Messages are laid out as the protocol says, byte by byte.
@Suite struct VhostUserMessageTests {
  /// Head and fields in hexadecimal, as they lie in memory.
  private static let messages: [(VhostUserMessage, String)] = [
    (.plain(.getFeatures), "01000000 01000000 00000000"), (.plain(.setOwner), "03000000 01000000 00000000"),
    (.number(.setFeatures, 0x1_4000_0200), "02000000 01000000 08000000 0002004001000000"),
    (.number(.setProtocolFeatures, 0x209), "10000000 01000000 08000000 0902000000000000"),
    (.ring(.setRingSize, 1, 256), "08000000 01000000 08000000 01000000 00010000"),
    (.ring(.setRingBase, 0, 0x8000_8000), "0a000000 01000000 08000000 00000000 00800080"),
    (.ring(.getRingBase, 2, 0), "0b000000 01000000 08000000 02000000 00000000"),
    (.number(.setRingKick, 1), "0c000000 01000000 08000000 0100000000000000"),
    (.number(.setRingCall, 0), "0d000000 01000000 08000000 0000000000000000"),
    (.ring(.setRingEnabled, 0, 1), "12000000 01000000 08000000 00000000 01000000"),
    // Index, flags, descriptors, used, available, log: the device's area comes before the driver's.
    (
      .addresses(of: 1, .init(descriptors: 0x1122, driver: 0x3344, device: 0x5566)),
      "09000000 01000000 28000000 01000000 00000000 2211000000000000 6655000000000000 4433000000000000 0000000000000000"
    ),
    // Number, padding, and of each region its guest address, bytes, address here and place in its file.
    (
      .memory([.init(guest: 0, count: 0x20_0000, address: 0x7f00, offset: 0)]),
      "05000000 01000000 28000000 01000000 00000000 0000000000000000 0000200000000000 007f000000000000 0000000000000000"
    ),
    (
      .memory([
        .init(guest: 1, count: 2, address: 3, offset: 4), .init(guest: 1 << 32, count: 6, address: 7, offset: 8),
      ]),
      "05000000 01000000 48000000 02000000 00000000 0100000000000000 0200000000000000 0300000000000000 0400000000000000 "
        + "0000000001000000 0600000000000000 0700000000000000 0800000000000000"
    ),
    (.configuration(count: 4), "18000000 01000000 10000000 00000000 04000000 00000000 00000000"),
  ]

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test(arguments: messages)
  func aMessageHasItsBytes(message: VhostUserMessage, expected: String) {
    #expect(hexadecimal(message.bytes()) == expected.filter { $0 != " " }, "\(message.request)")
    var asking = message.bytes()
    asking[4] = 9
    #expect(message.bytes(isAcknowledged: true) == asking, "the flag that asks for an answer")
  }

  @Test func aHeadIsReadAndOnlyAnAnswerOfTheRightVersionAnswers() {
    let head = VhostUserMessage.Head([11, 0, 0, 0, 5, 0, 0, 0, 8, 1, 0, 0])
    #expect((head.request, head.flags, head.count) == (11, 5, 264))
    #expect(head.answers(.getRingBase) && !head.answers(.getFeatures))
    for flags: UInt8 in [0, 1, 4, 6, 7] {
      #expect(!VhostUserMessage.Head([11, 0, 0, 0, flags, 0, 0, 0, 8, 0, 0, 0]).answers(.getRingBase), "\(flags)")
    }
    // What else a back end sets there is its own affair.
    #expect(VhostUserMessage.Head([11, 0, 0, 0, 13, 0, 0, 0, 8, 0, 0, 0]).answers(.getRingBase))
  }

  @Test func numbersOfAPayloadAreLittleEndian() {
    let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 0x88, 9]
    #expect(VhostUserMessage.integer(bytes, at: 1) as UInt64 == 0x0988_0706_0504_0302)
    #expect(VhostUserMessage.integer(bytes, at: 4) as UInt32 == 0x8807_0605)
  }
}
