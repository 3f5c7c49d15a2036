import ProbeABI

/// Limits of what crosses a link at once, in bytes without the frame check sequence. A VLAN tag (IEEE 802.1Q) makes a frame four
/// bytes longer than the probe's own, which have none.
public enum FrameLimits {
  /// An Ethernet header (IEEE 802.3 §3.1.1).
  public static let ethernetHeader = Int(NM_NET_ETHERNET_HEADER)
  /// An Ethernet header and one VLAN tag.
  public static let taggedHeader = ethernetHeader + 4
  /// Most of a frame that is not cut, over an MTU of 1500.
  public static let longestPlain = Int(NM_NET_PLAIN_FRAME) + 4
  /// Most of a frame: an IPv4 packet of 65535 bytes behind an Ethernet header with one VLAN tag.
  public static let longest = Int(NM_NET_LARGE_FRAME) + 4
  /// Most pieces of a frame.
  public static let pieces = 64
}
