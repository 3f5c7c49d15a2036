import ProbeABI

/// A port that answers reads with one value: what an exit to user space costs when the device costs nothing.
public final class EchoPort: BusDevice {
  public init() {}
  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { UInt64(NM_ECHO_VALUE) }
  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {}
}
