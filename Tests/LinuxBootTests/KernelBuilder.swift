/// Small files in the bzImage format (Linux, Documentation/arch/x86/boot.rst).
struct KernelBuilder {
  var version: UInt16 = 0x020f
  var loadFlags: UInt8 = 1
  var features: UInt16 = 1
  var setupSectors: UInt8 = 1
  var jump: UInt8 = 0x6a
  var alignment: UInt32 = 0x20_0000
  var isRelocatable = true
  var preferredAddress: UInt64 = 0x100_0000
  var initSize: UInt32 = 0x40_0000
  var initrdMaximum: UInt32 = 0x7fff_ffff
  var commandLineSize: UInt32 = 0x7ff
  var code = [UInt8](repeating: 0x90, count: 0x1000)

  var bytes: [UInt8] {
    var file = [UInt8](repeating: 0, count: (setupSectors == 0 ? 5 : Int(setupSectors) + 1) * 512)
    func put<Value: FixedWidthInteger>(_ value: Value, _ offset: Int) {
      for index in 0..<Value.bitWidth / 8 {
        file[offset + index] = UInt8(truncatingIfNeeded: value >> Value(8 * index))
      }
    }
    put(setupSectors, 0x1f1)
    put(UInt16(0xaa55), 0x1fe)
    put(UInt8(0xeb), 0x200)
    put(jump, 0x201)
    file.replaceSubrange(0x202..<0x206, with: "HdrS".utf8)
    put(version, 0x206)
    put(loadFlags, 0x211)
    put(initrdMaximum, 0x22c)
    put(alignment, 0x230)
    put(UInt8(isRelocatable ? 1 : 0), 0x234)
    put(features, 0x236)
    put(commandLineSize, 0x238)
    put(preferredAddress, 0x258)
    put(initSize, 0x260)
    return file + code
  }
}
