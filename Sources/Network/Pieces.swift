import CLinux
import Frames

/// Copies between a whole frame and the pieces that it is spread over.
enum Pieces {
  /// Copies what the pieces hold to one place.
  /// - Parameter target: room for `FrameLimits.longest` bytes.
  /// - Returns: the bytes copied; what is longer than a frame can be is cut off.
  static func gather(_ pieces: UnsafeBufferPointer<iovec>, to target: UnsafeMutableRawPointer) -> Int {
    var count = 0
    for index in pieces.indices {
      let piece = unsafe pieces[index]
      let part = unsafe min(piece.iov_len, FrameLimits.longest - count)
      if let base = unsafe piece.iov_base, part > 0 { unsafe (target + count).copyMemory(from: base, byteCount: part) }
      count += part
    }
    return count
  }

  /// Copies a frame into pieces, as much of it as they have room for.
  static func scatter(_ frame: UnsafeRawPointer, count: Int, to pieces: UnsafeBufferPointer<iovec>) {
    var done = 0
    for index in pieces.indices where done < count {
      let piece = unsafe pieces[index]
      let part = unsafe min(piece.iov_len, count - done)
      if let base = unsafe piece.iov_base { unsafe base.copyMemory(from: frame + done, byteCount: part) }
      done += part
    }
  }
}
