/// Offsets of the 82540EM's registers in its memory region ("PCI/PCI-X Family of Gigabit Ethernet Controllers Software
/// Developer's Manual", 317453, chapter 13).
enum E1000Register {
  static let control = 0x0000
  /// The same register again (§13.4.1).
  static let controlDuplicate = 0x0004
  static let status = 0x0008
  static let eepromControl = 0x0010
  static let eepromRead = 0x0014
  static let controlExtended = 0x0018
  static let mdi = 0x0020
  static let interruptCause = 0x00c0
  static let interruptThrottling = 0x00c4
  static let interruptCauseSet = 0x00c8
  static let interruptMask = 0x00d0
  static let interruptMaskClear = 0x00d8
  static let receiveControl = 0x0100
  static let transmitControl = 0x0400
  static let receiveBaseLow = 0x2800
  static let receiveBaseHigh = 0x2804
  static let receiveLength = 0x2808
  static let receiveHead = 0x2810
  static let receiveTail = 0x2818
  static let receiveDelay = 0x2820
  /// Ends the wait of received packets (§13.4.30, FPD).
  static let flushReceived: UInt32 = 1 << 31
  static let receiveAbsoluteDelay = 0x282c
  static let transmitBaseLow = 0x3800
  static let transmitBaseHigh = 0x3804
  static let transmitLength = 0x3808
  static let transmitHead = 0x3810
  static let transmitTail = 0x3818
  static let transmitDelay = 0x3820
  static let transmitAbsoluteDelay = 0x382c
  static let receiveChecksum = 0x5000
  static let multicastTable = 0x5200..<0x5400
  static let receiveAddresses = 0x5400..<0x5480
  static let vlanTable = 0x5600..<0x5800
  /// Counters, each cleared by reading it (§13.7).
  static let statistics = 0x4000..<0x4100

  /// Registers that keep what is written and do nothing else here: flow control, LEDs, packet buffer split, wake-up.
  static let kept: Set<Int> = [
    controlExtended, 0x0028, 0x002c, 0x0030, 0x0038, 0x0170, 0x0178, 0x0180, 0x0410, 0x0458, 0x0e00, 0x1000, 0x2160,
    0x2168, receiveDelay, 0x2828, receiveAbsoluteDelay, 0x2c00, transmitDelay, 0x3828, transmitAbsoluteDelay, 0x3830,
    receiveChecksum, 0x5800, 0x5808, 0x5820,
  ]

  /// What of them is not 0 after a reset (§13.4): the type of VLAN tags, LEDs, 48 of 64 KiB of the packet buffer to receive.
  static let initial: [Int: UInt32] = [0x0038: 0x8100, 0x0e00: 0x0706_8302, 0x1000: 0x0010_0030]

  /// Bytes of the register region.
  static let regionSize: UInt64 = 0x20000
}

/// Bits of the device control register (§13.4.1).
enum E1000Control {
  static let setLinkUp: UInt32 = 1 << 6
  static let reset: UInt32 = 1 << 26
  static let phyReset: UInt32 = 1 << 31
}

/// Bits of the device status register (§13.4.2).
enum E1000Status {
  static let fullDuplex: UInt32 = 1 << 0
  static let linkUp: UInt32 = 1 << 1
  /// 1000 Mb/s, as configured and as detected.
  static let gigabit: UInt32 = 2 << 6 | 2 << 8
}

/// Causes of interrupts (§13.4.17).
enum E1000Cause {
  static let transmitDone: UInt32 = 1 << 0
  static let transmitQueueEmpty: UInt32 = 1 << 1
  static let linkChange: UInt32 = 1 << 2
  static let receiveThreshold: UInt32 = 1 << 4
  static let receiveOverrun: UInt32 = 1 << 6
  static let receiveTimer: UInt32 = 1 << 7
  static let mdiDone: UInt32 = 1 << 9
  /// Every cause that the controller has.
  static let all: UInt32 = 0x0001_f6df
}

/// Bits of the receive control register (§13.4.22).
enum E1000ReceiveControl {
  static let enable: UInt32 = 1 << 1
  static let unicastPromiscuous: UInt32 = 1 << 3
  static let multicastPromiscuous: UInt32 = 1 << 4
  static let longPackets: UInt32 = 1 << 5
  static let broadcast: UInt32 = 1 << 15
  static let extendedSize: UInt32 = 1 << 25
  static let stripChecksum: UInt32 = 1 << 26
}

/// Bits of the transmit control register (§13.4.33).
enum E1000TransmitControl {
  static let enable: UInt32 = 1 << 1
  static let padShort: UInt32 = 1 << 3
}
