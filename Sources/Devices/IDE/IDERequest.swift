/// What a guest asks of the drive (ATA8-ACS §7): a command code and the registers that carry its parameters, checked against the
/// drive before anything is done.
enum IDERequest: Equatable {
  /// Moves data between the disk and the guest.
  case transfer(IDETransfer)
  /// Reads sectors without handing them over.
  case verify(IDETransfer)
  /// The drive's description, by the data port.
  case identify
  case flush
  case setWriteCache(Bool)
  /// A transfer mode, as SET FEATURES encodes it.
  case setMode(UInt8)
  /// Sectors of one data request of READ and WRITE MULTIPLE.
  case setMultiple(Int)
  case setGeometry(IDETaskFile.Geometry)
  case reset
  case diagnose
  /// Whether the drive sleeps.
  case powerMode
  /// A command that is done as soon as it was understood.
  case nothing

  /// What of the drive decides about a command.
  struct Drive {
    /// Sectors of the disk.
    let sectors: UInt64
    let geometry: IDETaskFile.Geometry
    /// As `setMultiple` had it last; 0 before.
    let multiple: Int
  }

  /// Reads a command.
  static func parse(_ code: UInt8, _ registers: IDETaskFile, _ drive: Drive) throws(IDERefusal) -> IDERequest {
    guard let command = IDECommand(rawValue: code) else { throw .aborted }
    if let move = IDEMove(command) { return try .transfer(transfer(move, registers, drive)) }
    switch command {
    case .identify: return .identify
    case .readVerify, .readVerifyOnce:
      return try .verify(transfer(IDEMove(.portIn), registers, drive))
    case .readVerifyExtended: return try .verify(transfer(IDEMove(.portIn, isExtended: true), registers, drive))
    case .flushCache, .flushCacheExtended: return .flush
    case .setFeatures: return try features(registers)
    case .setMultiple:
      let count = Int(registers.count.current)
      guard count <= IDETransfer.largestBlock, count & (count - 1) == 0 else { throw .aborted }
      return .setMultiple(count)
    case .initializeParameters:
      guard registers.count.current != 0 else { throw .aborted }
      return .setGeometry(
        IDETaskFile.Geometry(
          heads: UInt64(registers.device & 0x0f) + 1, sectors: UInt64(registers.count.current)))
    case .deviceReset: return .reset
    case .executeDiagnostics: return .diagnose
    case .checkPowerMode, .oldCheckPowerMode: return .powerMode
    default: return .nothing  // idle, standby, sleep: the drive stays ready
    }
  }

  private static func transfer(
    _ move: IDEMove, _ registers: IDETaskFile, _ drive: Drive
  ) throws(IDERefusal) -> IDETransfer {
    let block = move.isMultiple ? drive.multiple : 1
    // READ and WRITE MULTIPLE need SET MULTIPLE first.
    guard block > 0 else { throw .aborted }
    let count = registers.sectorCount(extended: move.isExtended)
    guard let first = registers.sector(extended: move.isExtended, drive.geometry), first < drive.sectors,
      UInt64(count) <= drive.sectors - first
    else { throw .notFound }
    return IDETransfer(
      kind: move.kind, isExtended: move.isExtended, sector: first, remaining: count, block: block)
  }

  private static func features(_ registers: IDETaskFile) throws(IDERefusal) -> IDERequest {
    switch registers.feature.current {
    case 0x02: return .setWriteCache(true)
    case 0x82: return .setWriteCache(false)
    case 0x03:
      switch registers.count.current {
      case 0x00, 0x01, 0x08...0x0c: return .nothing  // PIO; the DMA mode stays
      case 0x20...0x22, 0x40...0x45: return .setMode(registers.count.current)
      default: throw .aborted
      }
    case 0x66, 0xcc: return .nothing  // keep or drop settings over a soft reset: either way they are few
    default: throw .aborted
    }
  }
}

/// Why a command is not carried out: bits for the error register (ATA8-ACS, error field).
enum IDERefusal: UInt8, Error {
  /// ABRT: the drive does not have the command, or not with these parameters.
  case aborted = 0x04
  /// IDNF: the disk does not have all the sectors.
  case notFound = 0x10
}

/// How a command moves data.
private struct IDEMove {
  let kind: IDETransfer.Kind
  let isExtended: Bool
  let isMultiple: Bool

  init(_ kind: IDETransfer.Kind, isExtended: Bool = false, isMultiple: Bool = false) {
    self.kind = kind
    self.isExtended = isExtended
    self.isMultiple = isMultiple
  }

  /// nil for a command that moves no sectors.
  init?(_ command: IDECommand) {
    switch command {
    case .readSectors, .readSectorsOnce: self.init(.portIn)
    case .readSectorsExtended: self.init(.portIn, isExtended: true)
    case .readMultiple: self.init(.portIn, isMultiple: true)
    case .readMultipleExtended: self.init(.portIn, isExtended: true, isMultiple: true)
    case .writeSectors, .writeSectorsOnce: self.init(.portOut)
    case .writeSectorsExtended: self.init(.portOut, isExtended: true)
    case .writeMultiple: self.init(.portOut, isMultiple: true)
    case .writeMultipleExtended: self.init(.portOut, isExtended: true, isMultiple: true)
    case .readDMA, .readDMAOnce: self.init(.memoryIn)
    case .readDMAExtended: self.init(.memoryIn, isExtended: true)
    case .writeDMA, .writeDMAOnce: self.init(.memoryOut)
    case .writeDMAExtended: self.init(.memoryOut, isExtended: true)
    default: return nil
    }
  }
}
