/// What network devices and wires have in common: frames, their offload headers, and the link between the two.
///
/// Limits of what crosses a link at once.
public enum FrameLimits {
  /// Bytes of an Ethernet header (IEEE 802.3 §3.1.1).
  public static let ethernetHeader = 14
  /// Most bytes of a frame: an IPv4 packet of 65535 bytes behind an Ethernet header with one VLAN tag.
  public static let longest = 65535 + 18
  /// Most pieces of a frame.
  public static let pieces = 64
}
