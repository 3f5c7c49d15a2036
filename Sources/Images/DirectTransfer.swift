import CLinux
import Glibc
import LinuxSystem
import Storage
import SystemPackage

/// Blocking transfers past the page cache: in place where alignment allows, else through an aligned buffer.
@safe final class DirectTransfer {
  private let alignment: DirectAlignment
  private let buffer: Mapping
  private static let size = 256 << 10

  init(_ descriptor: Int32, path: String) throws(SystemError) {
    alignment = try DirectAlignment.of(descriptor, path: path)
    buffer = try Mapping.anonymous(count: Self.size)
  }

  /// Reads up to the file's end. Returns the bytes that were read.
  func read(_ descriptor: Int32, _ target: UnsafeMutableRawPointer, _ count: Int, at offset: UInt64) throws(Errno)
    -> Int
  {
    var done = 0
    while done < count {
      let position = offset + UInt64(done)
      if unsafe alignment.allows(target + done, offset: position, count: count - done) {
        let moved = try systemCall { unsafe pread(descriptor, target + done, count - done, off_t(position)) }
        if moved == 0 { break }
        done += moved
        continue
      }
      let head = Int(position & UInt64(alignment.offset - 1))
      let piece = min(count - done, Self.size - head)
      let there = try fetch(descriptor, roundedUp(head + piece), at: position - UInt64(head))
      let useful = min(piece, there - head)
      if useful <= 0 { break }
      unsafe memcpy(target + done, buffer.base + head, useful)
      done += useful
    }
    return done
  }

  /// Writes all bytes. Blocks at either end that are written in part are read first; a file that ends inside the last one ends
  /// where the data does.
  func write(
    _ descriptor: Int32, _ source: UnsafeRawPointer, _ count: Int, at offset: UInt64, fileSize: UInt64
  ) throws(Errno) {
    var done = 0
    while done < count {
      let position = offset + UInt64(done)
      if unsafe alignment.allows(
        UnsafeMutableRawPointer(mutating: source + done), offset: position, count: count - done)
      {
        done += try systemCall { unsafe pwrite(descriptor, source + done, count - done, off_t(position)) }
        continue
      }
      let head = Int(position & UInt64(alignment.offset - 1))
      let piece = min(count - done, Self.size - head)
      let whole = roundedUp(head + piece)
      if head != 0 || whole != head + piece {
        let there = try fetch(descriptor, whole, at: position - UInt64(head))
        if there < whole { unsafe memset(buffer.base + there, 0, whole - there) }
      }
      unsafe memcpy(buffer.base + head, source + done, piece)
      var written = 0
      while written < whole {
        written += try systemCall {
          unsafe pwrite(
            descriptor, buffer.base + written, whole - written, off_t(position) - off_t(head) + off_t(written))
        }
      }
      done += piece
      let end = max(fileSize, position + UInt64(piece))
      if position - UInt64(head) + UInt64(whole) > end { _ = try systemCall { ftruncate(descriptor, off_t(end)) } }
    }
  }

  private func roundedUp(_ count: Int) -> Int { (count + alignment.offset - 1) & ~(alignment.offset - 1) }

  /// Reads whole blocks into the buffer. Returns the bytes that there were.
  private func fetch(_ descriptor: Int32, _ count: Int, at offset: UInt64) throws(Errno) -> Int {
    var done = 0
    while done < count {
      let moved = try systemCall {
        unsafe pread(descriptor, buffer.base + done, count - done, off_t(offset) + off_t(done))
      }
      done += moved
      // A read that is not of whole blocks has come to the file's end; the next one could not begin there.
      if moved == 0 || done & (alignment.offset - 1) != 0 { break }
    }
    return done
  }
}
