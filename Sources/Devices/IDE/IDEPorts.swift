import Storage

/// One block of the channel's ports, as a bus sees it.
final class IDEPorts<Engine: StorageEngine & ~Copyable>: BusDevice {
  private let channel: IDEChannel<Engine>
  private let block: IDEChannel<Engine>.Block

  init(_ channel: IDEChannel<Engine>, _ block: IDEChannel<Engine>.Block) {
    self.channel = channel
    self.block = block
  }

  /// The data port is 32 bits wide; everything else is made of bytes.
  private func isData(_ offset: UInt64) -> Bool { block == .command && offset == 0 }

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    guard isData(offset) else { return channel.read(block, offset, width: width) }
    var value: UInt64 = 0
    unsafe withUnsafeMutableBytes(of: &value) { bytes in
      unsafe channel.readData(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<Int(width.rawValue)]))
    }
    return UInt64(littleEndian: value)
  }

  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    guard isData(offset) else { return channel.write(block, offset, width: width, value: value) }
    unsafe withUnsafeBytes(of: value.littleEndian) { bytes in
      unsafe channel.writeData(from: UnsafeRawBufferPointer(rebasing: bytes[..<Int(width.rawValue)]))
    }
  }

  func readRepeated(_ offset: UInt64, width: AccessWidth, into target: UnsafeMutableRawBufferPointer) {
    let size = Int(width.rawValue)
    let whole = target.count - target.count % size
    if isData(offset) {
      unsafe channel.readData(into: UnsafeMutableRawBufferPointer(rebasing: target[..<whole]))
    } else {
      for start in stride(from: 0, to: whole, by: size) {
        unsafe width.store(read(offset, width: width), into: target, at: start)
      }
    }
  }

  func writeRepeated(_ offset: UInt64, width: AccessWidth, from source: UnsafeRawBufferPointer) {
    let size = Int(width.rawValue)
    let whole = source.count - source.count % size
    if isData(offset) {
      unsafe channel.writeData(from: UnsafeRawBufferPointer(rebasing: source[..<whole]))
    } else {
      for start in stride(from: 0, to: whole, by: size) {
        unsafe write(offset, width: width, value: width.load(from: source, at: start))
      }
    }
  }
}
