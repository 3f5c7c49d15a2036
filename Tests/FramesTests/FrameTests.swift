import Frames
import ProbeABI
import Testing

@Suite struct FrameTests {
  @Test func anAddressReadsAsItsBytesInTheOrderOfTheWire() {
    let address = EthernetAddress([0x02, 0x4e, 0x4d, 0, 0, 0xa])
    #expect(address.rawValue == 0x0a00_004d_4e02)
    #expect(address.bytes == [0x02, 0x4e, 0x4d, 0, 0, 0xa])
    #expect(address.description == "02:4e:4d:00:00:0a")
    #expect(EthernetAddress(rawValue: 0xffff_0a00_004d_4e02) == address, "there are 48 bits")
  }

  @Test func groupsAreToldFromStationsByTheFirstBitOnTheWire() {
    #expect(EthernetAddress.broadcast.isGroup && EthernetAddress([0x33, 0x33, 0, 0, 0, 1]).isGroup)
    #expect(!EthernetAddress([0x02, 0xff, 0xff, 0xff, 0xff, 0xff]).isGroup)
  }

  /// struct virtio_net_hdr (virtio 1.2 §5.1.6): flags, GSO type, then four little-endian 16-bit fields.
  @Test func theHeaderHasTheLayoutOfTheSpecification() {
    var header = FrameHeader()
    (header.flags, header.segmentation) = (FrameHeader.needsChecksum, FrameHeader.tcp4)
    (header.headerLength, header.segmentSize) = (0x0102, 0x0304)
    (header.checksumStart, header.checksumOffset) = (0x0506, 0x0708)
    let bytes = unsafe withUnsafeBytes(of: header) { unsafe Array($0) }
    #expect(bytes == [1, 1, 0x02, 0x01, 0x04, 0x03, 0x06, 0x05, 0x08, 0x07])
    #expect(bytes.count == FrameHeader.size)
  }

  @Test func limitsAreThoseOfTheProbeAndAVLANTag() {
    #expect(FrameLimits.ethernetHeader == 14 && FrameLimits.taggedHeader == 18)
    #expect(FrameLimits.longestPlain == 1518 && FrameLimits.longest == 65535 + 18)
    #expect(Int(NM_NET_LARGE_FRAME) == 65535 + FrameLimits.ethernetHeader)
  }
}
