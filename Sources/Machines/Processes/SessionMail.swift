import CLinux
import Counters
import LinuxSystem
import Probe
import Results
import SystemPackage

/// What a session's process sends to the one that started it: a memory file that the one fills and the other reads when the first has
/// ended, however it did. The guest's records are in it as the guest sent them, so that the reader checks them like a guest's.
struct SessionMail: ~Copyable, Sendable {
  /// What a part is; each has a head of two words, its kind and its length in bytes.
  private enum Kind: UInt32 {
    case record
    case report
  }

  private static let headSize = 8
  /// Bytes in all. A session's records are a hundredth of it.
  private static let limit = 256 << 20

  private let file: Descriptor

  init() throws(SystemError) {
    file = try UnnamedFile.inMemory()
  }

  /// To be written to as long as this lives.
  var writer: Writer { Writer(file: file.rawValue) }

  /// The end that the session's process has. One record is written at a time.
  struct Writer: Sendable {
    fileprivate let file: Int32

    /// Keeps a record of the guest.
    func keep(_ record: [UInt8]) { write(.record, record) }

    /// Ends the mail.
    func end(_ report: SessionReport) {
      guard let bytes = try? JSONText.encode(report, pretty: false) else { return }
      write(.report, bytes)
    }

    private func write(_ kind: Kind, _ bytes: [UInt8]) {
      let head = [kind.rawValue, UInt32(bytes.count)]
      raw(unsafe head.withUnsafeBytes { unsafe Array($0) } + bytes)
    }

    /// Adds bytes as they are.
    func raw(_ part: [UInt8]) {
      guard lseek(file, 0, SEEK_CUR) + part.count <= SessionMail.limit else { return }
      _ = try? systemCall { unsafe part.withUnsafeBytes { unsafe CLinux.write(file, $0.baseAddress, $0.count) } }
    }
  }

  /// Reads what was sent: the records' bytes, and the report where the session came to its end.
  /// - Parameter onRecord: takes the bytes of each.
  borrowing func read(_ onRecord: ([UInt8]) -> Void) -> SessionReport? {
    var information = stat()
    guard unsafe fstat(file.rawValue, &information) == 0, information.st_size <= Self.limit else { return nil }
    _ = lseek(file.rawValue, 0, SEEK_SET)
    guard let bytes = try? file.readAll(limit: Self.limit) else { return nil }
    var place = 0
    while bytes.count - place >= Self.headSize {
      let head = unsafe bytes.withUnsafeBytes { bytes in
        unsafe (
          bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self),
          bytes.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self)
        )
      }
      place += Self.headSize
      guard let kind = Kind(rawValue: head.0), Int(head.1) <= bytes.count - place else { return nil }
      let part = Array(bytes[place..<place + Int(head.1)])
      place += part.count
      switch kind {
      case .record: onRecord(part)
      case .report: return try? JSONText.decode(SessionReport.self, from: part)
      }
    }
    return nil
  }
}

/// What came of a session, but for its records.
struct SessionReport: Codable, Sendable {
  var windows: [UInt32: WindowUse] = [:]
  var failure: String?
  var skipped: String?
  var deviceFailure: String?
  var memory: MemoryRecord?
  var noise: Noise?
  var boot: BootFigures?
  var linux: LinuxFigures?

  init(_ outcome: SessionOutcome) {
    (windows, failure, skipped) = (outcome.windows, outcome.failure, outcome.skipped)
    (deviceFailure, memory, noise, boot) = (outcome.deviceFailure, outcome.memory, outcome.noise, outcome.boot)
    linux = outcome.linux
  }

  func outcome(_ results: [UInt32: ProbeResult]) -> SessionOutcome {
    SessionOutcome(
      results: results, windows: windows, failure: failure, skipped: skipped, deviceFailure: deviceFailure,
      memory: memory, noise: noise, boot: boot, linux: linux)
  }
}
