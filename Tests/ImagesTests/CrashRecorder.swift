import Foundation

@testable import Images

/// Everything that was written to the files of an image, in its order, to make them anew as a crash would have left them.
final class CrashRecorder: WriteJournal {
  enum Event {
    case write(path: String, offset: UInt64, bytes: [UInt8])
    case truncate(path: String, size: UInt64)
    case synchronize(path: String)

    var path: String {
      switch self {
      case .write(let path, _, _), .truncate(let path, _), .synchronize(let path): path
      }
    }
  }

  private(set) var events: [Event] = []
  private var initial: [String: [UInt8]] = [:]

  func watch(_ disk: VirtualDisk) throws {
    for file in disk.driver.files {
      initial[file.path] = [UInt8](try Data(contentsOf: URL(filePath: file.path)))
      file.journal = self
    }
  }

  func wrote(_ bytes: UnsafeRawBufferPointer, at offset: UInt64, to path: String) {
    events.append(.write(path: path, offset: offset, bytes: unsafe [UInt8](bytes)))
  }

  func truncated(to size: UInt64, _ path: String) { events.append(.truncate(path: path, size: size)) }
  func synchronized(_ path: String) { events.append(.synchronize(path: path)) }

  /// How a crash treats what no file was made durable after.
  enum Crash: CaseIterable {
    /// The process was killed: everything that was written is there, the last write perhaps up to its middle.
    case kill
    /// The power failed: of each write none, all, or some sectors are there, in any order.
    case powerLoss
  }

  /// Makes the files as they are after a crash behind the first `count` events.
  func replay(_ count: Int, _ crash: Crash, _ generator: inout Generator) throws {
    var files = initial
    let events = events[..<count]
    for path in initial.keys {
      let durable = events.lastIndex { if case .synchronize(path) = $0 { true } else { false } } ?? -1
      for (index, event) in events.enumerated() where event.path == path {
        let isSure = index <= durable || (crash == .kill && index + 1 < count)
        apply(event, to: &files[path]!, isSure: isSure, crash, &generator)
      }
    }
    for (path, bytes) in files { try Data(bytes).write(to: URL(filePath: path)) }
  }

  private func apply(_ event: Event, to file: inout [UInt8], isSure: Bool, _ crash: Crash, _ generator: inout Generator)
  {
    switch event {
    case .synchronize: break
    case .truncate(_, let size):
      guard isSure || Bool.random(using: &generator) else { return }
      if Int(size) < file.count { file.removeLast(file.count - Int(size)) } else { grow(&file, to: Int(size)) }
    case .write(_, let offset, let bytes):
      let sectors = (bytes.count + 511) / 512
      var kept = Array(repeating: true, count: sectors)
      if !isSure {
        switch (crash, Int.random(in: 0..<3, using: &generator)) {
        case (_, 0): kept = Array(repeating: false, count: sectors)
        case (_, 1): break
        case (.kill, _): kept = (0..<sectors).map { $0 < sectors / 2 }
        case (.powerLoss, _): kept = kept.map { _ in Bool.random(using: &generator) }
        }
      }
      for (sector, isKept) in kept.enumerated() where isKept {
        let part = bytes[(sector * 512)..<min(sector * 512 + 512, bytes.count)]
        let start = Int(offset) + sector * 512
        grow(&file, to: start + part.count)
        file.replaceSubrange(start..<(start + part.count), with: part)
      }
    }
  }

  private func grow(_ file: inout [UInt8], to size: Int) {
    if file.count < size { file += [UInt8](repeating: 0, count: size - file.count) }
  }
}
