/// The commands that the drive knows (ATA8-ACS §7; the forms without retry and the 9xh power commands from ATA-3 are
/// still sent by old drivers).
enum IDECommand: UInt8 {
  case deviceReset = 0x08
  case readSectors = 0x20
  case readSectorsOnce = 0x21
  case readSectorsExtended = 0x24
  case readDMAExtended = 0x25
  case readMultipleExtended = 0x29
  case writeSectors = 0x30
  case writeSectorsOnce = 0x31
  case writeSectorsExtended = 0x34
  case writeDMAExtended = 0x35
  case writeMultipleExtended = 0x39
  case readVerify = 0x40
  case readVerifyOnce = 0x41
  case readVerifyExtended = 0x42
  case executeDiagnostics = 0x90
  case initializeParameters = 0x91
  case oldStandbyImmediate = 0x94
  case oldIdleImmediate = 0x95
  case oldStandby = 0x96
  case oldIdle = 0x97
  case oldCheckPowerMode = 0x98
  case oldSleep = 0x99
  case readMultiple = 0xc4
  case writeMultiple = 0xc5
  case setMultiple = 0xc6
  case readDMA = 0xc8
  case readDMAOnce = 0xc9
  case writeDMA = 0xca
  case writeDMAOnce = 0xcb
  case standbyImmediate = 0xe0
  case idleImmediate = 0xe1
  case standby = 0xe2
  case idle = 0xe3
  case checkPowerMode = 0xe5
  case sleep = 0xe6
  case flushCache = 0xe7
  case flushCacheExtended = 0xea
  case identify = 0xec
  case setFeatures = 0xef
}

/// Bits of the status register (ATA8-ACS, status field).
enum IDEStatus {
  static let error: UInt8 = 0x01
  static let dataRequest: UInt8 = 0x08
  static let seekComplete: UInt8 = 0x10
  static let ready: UInt8 = 0x40
  static let busy: UInt8 = 0x80
  /// What an idle drive shows.
  static let idle = ready | seekComplete
}

/// Bits of the error register (ATA8-ACS, error field), and the diagnostic code of a healthy drive.
enum IDEError {
  static let abort: UInt8 = 0x04
  static let uncorrectable: UInt8 = 0x40
  static let diagnosticPassed: UInt8 = 0x01
}

/// Bits of the device control register (ATA8-APT, device control register).
enum IDEControl {
  static let interruptsOff: UInt8 = 0x02
  static let softReset: UInt8 = 0x04
  static let highOrder: UInt8 = 0x80
}
