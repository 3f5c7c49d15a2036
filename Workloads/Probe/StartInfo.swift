import ProbeABI

/// What a PVH loader hands over (Xen, docs/misc/pvh.pandoc and `struct hvm_start_info`).
struct StartInfo {
  static let magic: UInt32 = 0x336e_c578
  /// The only entry type of the memory map that is RAM.
  private static let ramType: UInt32 = 1

  /// The job text: the first module.
  let jobs: UnsafePointer<UInt8>?
  let jobsLength: UInt64
  /// Memory that nothing else uses.
  let arena: UInt64
  let arenaSize: UInt64
  /// Zero-terminated.
  let commandLine: UnsafePointer<UInt8>?

  /// Reads the structure at a guest-physical address; nil where there is none or the machine has no memory map.
  init?(at address: UInt64, imageEnd: UInt64) {
    guard let base = UnsafeRawPointer(bitPattern: UInt(address)), base.load(as: UInt32.self) == Self.magic else {
      return nil
    }
    let modules = base.load(fromByteOffset: 12, as: UInt32.self)
    let moduleList = base.load(fromByteOffset: 16, as: UInt64.self)
    commandLine = UnsafePointer(bitPattern: UInt(base.load(fromByteOffset: 24, as: UInt64.self)))
    let map = base.load(fromByteOffset: 40, as: UInt64.self)
    let entries = base.load(fromByteOffset: 48, as: UInt32.self)

    var moduleStart: UInt64 = 0
    if modules > 0, let list = UnsafeRawPointer(bitPattern: UInt(moduleList)) {
      moduleStart = list.load(as: UInt64.self)
      jobs = UnsafePointer(bitPattern: UInt(moduleStart))
      jobsLength = list.load(fromByteOffset: 8, as: UInt64.self)
    } else {
      jobs = nil
      jobsLength = 0
    }

    guard base.load(fromByteOffset: 4, as: UInt32.self) >= 1, let list = UnsafeRawPointer(bitPattern: UInt(map)) else {
      return nil
    }
    // The arena is what the RAM around the image leaves above it, on whichever side of the module there is more.
    for index in 0..<Int(entries) {
      let entry = list + index * 24
      let start = entry.load(as: UInt64.self)
      let end = start &+ entry.load(fromByteOffset: 8, as: UInt64.self)
      guard entry.load(fromByteOffset: 16, as: UInt32.self) == Self.ramType, start <= imageEnd, imageEnd < end else {
        continue
      }
      var low = Self.alignUp(imageEnd)
      var high = Self.alignDown(end)
      if moduleStart >= imageEnd && moduleStart < end {
        let below = Self.alignDown(moduleStart)
        let above = Self.alignUp(moduleStart + jobsLength)
        if below > low && below - low >= (above < high ? high - above : 0) { high = below } else { low = above }
      }
      guard low < high else { return nil }
      arena = low
      arenaSize = high - low
      return
    }
    return nil
  }

  private static let pageSize: UInt64 = 2 << 20
  private static func alignUp(_ value: UInt64) -> UInt64 { (value + pageSize - 1) & ~(pageSize - 1) }
  private static func alignDown(_ value: UInt64) -> UInt64 { value & ~(pageSize - 1) }
}
