/// The controller's memory region.
final class E1000Region: BusDevice {
  private unowned let controller: E1000

  init(_ controller: E1000) {
    self.controller = controller
  }

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { controller.read(offset, width: width) }
  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    controller.write(offset, width: width, value: value)
  }
}

/// The controller's port region: an address register and a window onto the register that it names (§13.3).
final class E1000Ports: BusDevice {
  private unowned let controller: E1000

  init(_ controller: E1000) {
    self.controller = controller
  }

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    switch offset {
    case 0: UInt64(controller.portAddress)
    case 4: controller.read(UInt64(controller.portAddress), width: width)
    default: 0
    }
  }

  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    guard width == .long else { return }
    switch offset {
    case 0: controller.portAddress = UInt32(truncatingIfNeeded: value) & UInt32(E1000Register.regionSize - 4)
    case 4: controller.write(UInt64(controller.portAddress), width: width, value: value)
    default: break
    }
  }
}
