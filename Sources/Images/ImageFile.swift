import CLinux
import Glibc
import LinuxSystem
import Storage
import SystemPackage

/// One file of an image: blocking transfers at any offset, past its end as zeros.
///
/// A file that is opened for direct transfers moves everything past the page cache, metadata as well: a page of the cache that
/// holds both would otherwise be written back over data.
final class ImageFile {
  let path: String
  let isReadOnly: Bool
  /// Bytes.
  private(set) var size: UInt64
  /// Who the file is, whatever its name.
  let identity: FileIdentity
  private let descriptor: Descriptor
  private let direct: DirectTransfer?
  /// Data that was found last, of a file that is only read: a file system may walk all of it to tell where it ends.
  private var known: Range<UInt64>?
  /// Whether `synchronize` waits for the disk.
  var isDurable = true
  weak var journal: (any WriteJournal)?

  private init(_ descriptor: consuming Descriptor, _ path: String, isReadOnly: Bool, isDirect: Bool) throws(ImageError)
  {
    var status = stat()
    guard unsafe fstat(descriptor.rawValue, &status) == 0 else {
      throw ImageError(
        .reading, path, "cannot read its size: \(Errno(rawValue: nm_errno()))", errno: Errno(rawValue: nm_errno()))
    }
    var bytes = UInt64(max(0, status.st_size))
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFBLK:
      let code = unsafe nm_block_device_size(descriptor.rawValue, &bytes)
      guard code == 0 else {
        throw ImageError(.reading, path, "cannot read its size: \(Errno(rawValue: code))", errno: Errno(rawValue: code))
      }
    default: throw ImageError(.refused, path, "it is neither a file nor a block device")
    }
    do throws(SystemError) {
      direct = isDirect ? try DirectTransfer(descriptor.rawValue, path: path) : nil
    } catch { throw ImageError(error, .reading, path) }
    self.path = path
    self.isReadOnly = isReadOnly
    size = bytes
    identity = FileIdentity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    self.descriptor = descriptor
  }

  /// Opens a file or block device that is there, and takes its lock: many may read it, one may write.
  convenience init(
    _ path: String, readOnly: Bool, isDirect: Bool = false, isShared: Bool = false
  ) throws(ImageError) {
    // Without O_NONBLOCK a FIFO would wait here for its other end. On files it has no meaning.
    var flags = (readOnly ? O_RDONLY : O_RDWR) | O_NONBLOCK | (isDirect ? O_DIRECT : 0)
    // The kernel then gives out no device that is mounted, or a part of another one.
    if !readOnly, !isShared, Self.isBlockDevice(path) { flags |= O_EXCL }
    let opened: Descriptor
    do throws(SystemError) { opened = try Descriptor.open(path, flags) } catch {
      let isUsed = error.errno == .resourceBusy && flags & O_EXCL != 0
      throw ImageError(
        .reading, path,
        isUsed ? "the device is in use: it is mounted, or a part of another one" : "cannot open it: \(error.errno)",
        errno: error.errno)
    }
    try self.init(opened, path, isReadOnly: readOnly, isDirect: isDirect)
    guard isShared || ImageLock.takeSoon(descriptor.rawValue, writing: !readOnly) else {
      throw ImageError(.refused, path, "another process \(readOnly ? "writes it" : "uses it")")
    }
  }

  private static func isBlockDevice(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFBLK
  }

  /// Makes an empty file where there is none.
  convenience init(creating path: String) throws(ImageError) {
    let made: Descriptor
    do throws(SystemError) { made = try Descriptor.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW) } catch {
      throw ImageError(.writing, path, "cannot make it: \(error.errno)", errno: error.errno)
    }
    try self.init(made, path, isReadOnly: false, isDirect: false)
  }

  /// Makes an empty file that has no name, in a folder.
  convenience init(unnamedIn folder: String) throws(ImageError) {
    let made: Descriptor
    do throws(SystemError) { made = try UnnamedFile.make(in: folder) } catch {
      throw ImageError(error, .writing, folder)
    }
    let path = UnnamedFile.path(made.rawValue)
    try self.init(made, path, isReadOnly: false, isDirect: false)
  }

  /// Another descriptor of the file, with an owner of its own.
  func duplicate() throws(ImageError) -> Descriptor {
    do throws(SystemError) { return try descriptor.duplicate() } catch { throw ImageError(error, .reading, path) }
  }

  /// Gives the lock back.
  func unlock() { ImageLock.release(descriptor.rawValue) }

  private func failure(_ kind: ImageError.Kind, _ what: String, _ errno: Errno) -> ImageError {
    ImageError(kind, path, "cannot \(what): \(errno)", errno: errno)
  }

  /// Fills the buffer. What is past the file's end is zero.
  func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(ImageError) {
    guard let base = buffer.baseAddress else { return }
    var done = 0
    if offset < size {
      let there = Int(min(UInt64(buffer.count), size - offset))
      do throws(Errno) {
        if let direct {
          done = try unsafe direct.read(descriptor.rawValue, base, there, at: offset)
        } else {
          while done < there {
            let moved = try systemCall {
              unsafe pread(descriptor.rawValue, base + done, there - done, off_t(offset) + off_t(done))
            }
            if moved == 0 { break }
            done += moved
          }
        }
      } catch { throw failure(.reading, "read \(buffer.count) bytes at \(offset)", error) }
    }
    if done < buffer.count { unsafe memset(base + done, 0, buffer.count - done) }
  }

  /// So many bytes, zeros past the end.
  func bytes(_ count: Int, at offset: UInt64) throws(ImageError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var failure: ImageError?
    unsafe bytes.withUnsafeMutableBytes { buffer in
      do throws(ImageError) { try unsafe read(buffer, at: offset) } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Writes all of the buffer; the file grows where it ends before.
  func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(ImageError) {
    guard let base = buffer.baseAddress else { return }
    let (end, overflow) = offset.addingReportingOverflow(UInt64(buffer.count))
    guard !overflow, end <= UInt64(Int64.max) else {
      throw failure(.writing, "write at \(offset)", .fileTooLarge)
    }
    unsafe journal?.wrote(buffer, at: offset, to: path)
    do throws(Errno) {
      if let direct {
        try unsafe direct.write(descriptor.rawValue, base, buffer.count, at: offset, fileSize: size)
      } else {
        var done = 0
        while done < buffer.count {
          done += try systemCall {
            unsafe pwrite(descriptor.rawValue, base + done, buffer.count - done, off_t(offset) + off_t(done))
          }
        }
      }
    } catch { throw failure(.writing, "write \(buffer.count) bytes at \(offset)", error) }
    size = max(size, end)
  }

  func write(_ bytes: [UInt8], at offset: UInt64) throws(ImageError) {
    var failure: ImageError?
    unsafe bytes.withUnsafeBytes { buffer in
      do throws(ImageError) { try unsafe write(buffer, at: offset) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Returns once the disk has everything that was written.
  func synchronize() throws(ImageError) {
    guard isDurable else { return }
    do throws(Errno) { _ = try systemCall { fdatasync(descriptor.rawValue) } } catch {
      throw failure(.writing, "make it durable", error)
    }
    journal?.synchronized(path)
  }

  /// Makes the file exactly this long; what is new reads as zeros and takes no space.
  func truncate(to size: UInt64) throws(ImageError) {
    guard size <= UInt64(Int64.max) else { throw failure(.writing, "size it", .fileTooLarge) }
    do throws(Errno) { _ = try systemCall { ftruncate(descriptor.rawValue, off_t(size)) } } catch {
      throw failure(.writing, "make it \(size) bytes long", error)
    }
    journal?.truncated(to: size, path)
    self.size = size
  }

  /// Gives space back to the file system; the range reads as zeros then.
  /// - Returns: whether the file system could.
  func punch(_ count: UInt64, at offset: UInt64) -> Bool {
    guard !isReadOnly, journal == nil else { return false }
    let mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
    return (try? systemCall { fallocate(descriptor.rawValue, mode, off_t(offset), off_t(count)) }) != nil
  }

  /// Where data is at or behind an offset, and where the next hole begins; nil where there is nothing but a hole.
  func data(from offset: UInt64) -> Range<UInt64>? {
    guard offset < size else { return nil }
    if let known, known.contains(offset) { return offset..<known.upperBound }
    let start = lseek(descriptor.rawValue, off_t(offset), SEEK_DATA)
    if start < 0 { return nm_errno() == ENXIO ? nil : offset..<size }
    let end = lseek(descriptor.rawValue, start, SEEK_HOLE)
    let found = UInt64(start)..<(end < 0 ? size : UInt64(end))
    if isReadOnly { known = found }
    return found
  }

  /// Bytes that the file takes of its file system.
  var allocated: UInt64 {
    var status = stat()
    return unsafe fstat(descriptor.rawValue, &status) == 0 ? UInt64(status.st_blocks) * 512 : 0
  }
}

/// A file by the device and the number that it has there.
struct FileIdentity: Hashable {
  let device: UInt64
  let number: UInt64
}
