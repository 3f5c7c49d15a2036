import LinuxBoot
import Testing

@Suite struct LinuxImageTests {
  private func message(_ bytes: [UInt8]) -> String? {
    do throws(LinuxBootError) {
      _ = try LinuxImage(bytes, name: "kernel")
      return nil
    } catch { return error.description }
  }

  @Test(arguments: [1, 4, 30, 0] as [UInt8])
  func aKernelIsRead(sectors: UInt8) {
    var kernel = KernelBuilder()
    kernel.setupSectors = sectors
    #expect(message(kernel.bytes) == nil)
  }

  @Test(arguments: [0, 1, 0x1ff, 0x201, 0x207] as [Int])
  func aFileThatIsShorterThanAHeaderIsNoKernel(count: Int) {
    #expect(
      message(Array(KernelBuilder().bytes.prefix(count)))?.hasPrefix("kernel: no kernel: expected a bzImage") == true)
  }

  @Test func otherFilesAreNoKernels() {
    #expect(message(Array("#!/bin/sh\n".utf8)) != nil)
    #expect(message([UInt8](repeating: 0, count: 1 << 16)) != nil)
    #expect(message((0..<(1 << 16)).map { UInt8(truncatingIfNeeded: $0 &* 31) }) != nil)
  }

  @Test(arguments: [0x0200, 0x0204, 0x020b] as [UInt16])
  func anOldProtocolIsRefused(version: UInt16) {
    var kernel = KernelBuilder()
    kernel.version = version
    #expect(
      message(kernel.bytes)
        == "kernel: a kernel of boot protocol 2.\(version & 0xff); expected 2.12 or later (Linux 3.8, 64-bit)")
  }

  @Test func aKernelWithoutA64BitEntryIsRefused() {
    var kernel = KernelBuilder()
    kernel.features = 0
    #expect(message(kernel.bytes) == "kernel: a 32-bit kernel, without a 64-bit entry; expected one for x86-64")
  }

  @Test func aKernelThatEndsBeforeItBeginsIsRefused() {
    let bytes = KernelBuilder().bytes
    for count in [0x264, 0x3ff, 0x400, 0x600] {
      #expect(message(Array(bytes.prefix(count))) == "kernel: ends after \(count) bytes, before the kernel itself")
    }
  }

  @Test func aKernelThatCannotBeMovedNeedsNoAlignment() {
    var kernel = KernelBuilder()
    (kernel.isRelocatable, kernel.alignment) = (false, 0)
    kernel.preferredAddress = 0x10_0000
    #expect(message(kernel.bytes) == nil)
  }

  @Test func impossibleHeadersAreRefused() {
    var kernel = KernelBuilder()
    kernel.alignment = 0
    #expect(message(kernel.bytes)?.contains("a damaged kernel") == true)
    kernel.alignment = 3
    #expect(message(kernel.bytes)?.contains("a damaged kernel") == true)
    kernel = KernelBuilder()
    kernel.preferredAddress += 1
    #expect(message(kernel.bytes)?.contains("a damaged kernel") == true)
    for jump in [0, 0x61, 0x8f, 0xff] as [UInt8] {
      kernel = KernelBuilder()
      kernel.jump = jump
      #expect(message(kernel.bytes)?.contains("its setup header ends at") == true, "\(jump)")
    }
  }

  @Test func anyBytesAreReadOrRefused() {
    var state: UInt64 = 88_172_645_463_325_252
    func random() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    let whole = KernelBuilder().bytes
    for _ in 0..<2000 {
      var bytes = Array(whole.prefix(Int(random() % UInt64(whole.count + 1))))
      for _ in 0..<random() % 8 where !bytes.isEmpty {
        bytes[Int(random() % UInt64(min(bytes.count, 0x300)))] = UInt8(truncatingIfNeeded: random())
      }
      _ = message(bytes)
    }
  }
}
