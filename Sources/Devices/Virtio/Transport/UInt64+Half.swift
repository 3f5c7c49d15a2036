import CLinux
import Glibc

extension UInt64 {
  /// Replaces the low (0) or the high (1) 32 bits.
  mutating func setHalf(_ half: Int, _ value: UInt32) {
    let shift = UInt64(half * 32)
    self = self & ~(0xffff_ffff << shift) | UInt64(value) << shift
  }
}

/// Signals a device's eventfd, as the kernel does where it was registered.
func ring(_ event: Int32) {
  var one: UInt64 = 1
  while unsafe write(event, &one, 8) < 0 && nm_errno() == EINTR {}
}
