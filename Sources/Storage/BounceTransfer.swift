import CLinux
import LinuxSystem

/// Blocking transfers of buffers, offsets and lengths that O_DIRECT does not take: through an aligned buffer, in pieces, with
/// the blocks at either end read first where only a part of them is written.
struct BounceTransfer: ~Copyable, Sendable {
  private let buffer: Mapping
  private let alignment: UInt64

  /// Bytes of the aligned buffer: a multiple of every alignment in use.
  private static let size = 256 << 10

  init(_ alignment: DirectAlignment) throws(SystemError) {
    buffer = try Mapping.anonymous(count: Self.size, alignment: max(4096, alignment.memory))
    self.alignment = UInt64(alignment.offset)
  }

  /// Reads or writes all the bytes. Returns 0 or an errno.
  borrowing func run(
    _ file: OpenFile, write: Bool, _ target: UnsafeMutableRawPointer, _ count: Int, at offset: UInt64
  ) -> Int32 {
    var done = 0
    while done < count {
      let position = offset + UInt64(done)
      let start = position & ~(alignment - 1)
      let head = Int(position - start)
      let piece = min(count - done, Self.size - head)
      let whole = (head + piece + Int(alignment) - 1) & ~(Int(alignment) - 1)
      let partial = head != 0 || whole != head + piece
      if !write || partial {
        let code = unsafe file.read(buffer.base, whole, at: start)
        if code != 0 { return code }
      }
      if write {
        unsafe (buffer.base + head).copyMemory(from: target + done, byteCount: piece)
        let code = unsafe file.write(buffer.base, whole, at: start)
        if code != 0 { return code }
      } else {
        unsafe (target + done).copyMemory(from: buffer.base + head, byteCount: piece)
      }
      done += piece
    }
    return 0
  }
}
