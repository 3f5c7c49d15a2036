import PortIO

/// Finds PCI functions, behind bridges too, as firmware or the machine numbered the buses.
enum PCIScan {
  /// Whether the machine answers to configuration mechanism 1 (PCI 3.0 §3.2.2.3.2): its address register keeps a value.
  static var isThere: Bool {
    outl(0xcf8, 0x8000_0000)
    return inl(0xcf8) == 0x8000_0000
  }

  /// The first function with these identifiers; with `skip`, a later one.
  static func find(vendor: UInt16, device: UInt16, skip: Int = 0) -> PCILocation? {
    let wanted = UInt32(device) << 16 | UInt32(vendor)
    return first(skip) { (_, identity) in identity == wanted }
  }

  /// The first function of a base class and sub-class, such as 0x0101 for IDE; with `skip`, a later one.
  static func find(class wanted: UInt16, skip: Int = 0) -> PCILocation? {
    first(skip) { (location, _) in UInt16(location.read32(PCILocation.Register.classCode) >> 16) == wanted }
  }

  private static func first(_ skip: Int, where matches: (PCILocation, UInt32) -> Bool) -> PCILocation? {
    var left = skip
    var bus = 0
    var highestBus = 0
    while bus <= highestBus {
      var slot = 0
      while slot < 256 {
        let location = PCILocation(bus: UInt8(bus), device: UInt8(slot >> 3), function: UInt8(slot & 7))
        let identity = location.read32(PCILocation.Register.identity)
        let header = identity == 0xffff_ffff ? 0 : location.read8(PCILocation.Register.headerType)
        if identity != 0xffff_ffff {
          if header & 0x7f == 1 { highestBus = max(highestBus, Int(location.read8(0x1a))) }
          if matches(location, identity) {
            if left == 0 { return location }
            left -= 1
          }
        }
        // Only a function 0 that says so has siblings.
        let isAlone = slot & 7 == 0 && (identity == 0xffff_ffff || header & 0x80 == 0)
        slot += isAlone ? 8 : 1
      }
      bus += 1
    }
    return nil
  }
}
