import CLinux
import Glibc
import LinuxSystem
import Testing

/// The kernel's interface to vhost: what can be checked without the device, and, where it is there, that it answers.
@Suite struct VhostNetTests {
  /// Codes as `linux/vhost.h` composes them: direction, bytes of the argument, 0xAF, number.
  static let requests: [(String, UInt, UInt)] = [
    ("VHOST_GET_FEATURES", nm_VHOST_GET_FEATURES, 0x8008_AF00),
    ("VHOST_SET_FEATURES", nm_VHOST_SET_FEATURES, 0x4008_AF00),
    ("VHOST_SET_OWNER", nm_VHOST_SET_OWNER, 0xAF01),
    ("VHOST_SET_MEM_TABLE", nm_VHOST_SET_MEM_TABLE, 0x4008_AF03),
    ("VHOST_SET_VRING_NUM", nm_VHOST_SET_VRING_NUM, 0x4008_AF10),
    ("VHOST_SET_VRING_ADDR", nm_VHOST_SET_VRING_ADDR, 0x4028_AF11),
    ("VHOST_SET_VRING_BASE", nm_VHOST_SET_VRING_BASE, 0x4008_AF12),
    ("VHOST_SET_VRING_KICK", nm_VHOST_SET_VRING_KICK, 0x4008_AF20),
    ("VHOST_SET_VRING_CALL", nm_VHOST_SET_VRING_CALL, 0x4008_AF21),
    ("VHOST_NET_SET_BACKEND", nm_VHOST_NET_SET_BACKEND, 0x4008_AF30),
  ]

  @Test(arguments: requests)
  func aRequestHasItsCode(name: String, code: UInt, expected: UInt) {
    #expect(code == expected, "\(name)")
  }

  @Test func theMemoryTableIsLaidOutAsTheKernelReadsIt() {
    let table = VhostNet.memoryTable([(guest: 0, host: 0x7000_0000, count: 4096), (1 << 32, 0x7100_0000, 8192)])
    #expect(table == [2, 0, 4096, 0x7000_0000, 0, 1 << 32, 8192, 0x7100_0000, 0])
    #expect(MemoryLayout<vhost_memory_region>.size == 32)
    #expect(MemoryLayout<vhost_vring_addr>.size == 40)
  }

  @Test func aHostWithoutTheDeviceSaysHowToGetIt() {
    let error = #expect(throws: SystemError.self) { _ = try VhostNet(path: "/dev/no-such-vhost") }
    #expect(error?.description.contains("modprobe vhost_net") == true)
  }

  @Test(.enabled(if: unsafe access(VhostNet.path, R_OK | W_OK) == 0, "needs a /dev/vhost-net that may be opened"))
  func theDeviceKnowsVirtioOne() throws {
    #expect(try VhostNet().features() & 1 << 32 != 0)
  }
}
