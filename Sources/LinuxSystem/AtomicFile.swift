import CLinux
import Glibc
import SystemPackage

/// Files that are either the old one or the new one, whatever happens in between.
public enum AtomicFile {
  /// Writes beside `path`, makes it durable, then renames over `path`. Blocks until the disk has it.
  ///
  /// The file beside it has a name that nobody can foresee, and is made by this call or not at all: in a folder that others may
  /// write to, no link of theirs is followed. A device or a pipe in place of a file is written to, never replaced.
  /// - Throws: ``FileError``; the file that was there, if any, is then as it was.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let temporary = temporaryName(beside: path)
    do throws(Errno) {
      if let kind = FileKind(path), kind != .plain, kind != .folder {
        return try open(path, O_WRONLY).writeAll(bytes)
      }
      try fill(temporary, bytes)
      do throws(Errno) {
        _ = try systemCall { unsafe rename(temporary, path) }
      } catch {
        _ = unsafe unlink(temporary)
        throw error
      }
      try synchronizeDirectory(of: path)
    } catch {
      throw FileError(.writing, "write \(path)", error, kept: exists(path) ? "The file that is there is whole." : nil)
    }
  }

  /// Makes a durable file, or none.
  private static func fill(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o644) throws(Errno) {
    let file = try open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
    do throws(Errno) {
      try file.writeAll(bytes)
      try file.synchronize()
    } catch {
      _ = unsafe unlink(path)
      throw error
    }
  }

  /// Adds to the end of a file that is there. Blocks until the disk has it.
  public static func append(_ bytes: [UInt8], to path: String) throws(FileError) {
    do throws(Errno) {
      let file = try open(path, O_WRONLY | O_APPEND)
      try file.writeAll(bytes)
      try file.synchronize()
    } catch { throw FileError(.writing, "append to \(path)", error) }
  }

  /// Makes a durable file for its owner's eyes only, or none. Nothing that is there, not even a link, is replaced or followed.
  public static func createPrivate(_ bytes: [UInt8], at path: String) throws(FileError) {
    let temporary = temporaryName(beside: path)
    do throws(Errno) {
      try fill(temporary, bytes, mode: 0o600)
      do throws(Errno) {
        _ = try systemCall { unsafe nm_renameat2(temporary, path, nm_RENAME_NOREPLACE) }
      } catch {
        _ = unsafe unlink(temporary)
        throw error
      }
      try synchronizeDirectory(of: path)
    } catch { throw FileError(.writing, "make \(path)", error) }
  }

  /// Lets two folders of one file system have each other's names, at once.
  /// - Returns: false where the file system cannot.
  public static func exchange(_ one: String, _ other: String) throws(FileError) -> Bool {
    do throws(Errno) {
      _ = try systemCall { unsafe nm_renameat2(one, other, nm_RENAME_EXCHANGE) }
      try synchronizeDirectory(of: other)
      return true
    } catch {
      if error == .invalidArgument { return false }
      throw FileError(.writing, "replace \(other)", error)
    }
  }

  /// A name in a path's folder that nobody can foresee, and that lists leave out.
  public static func temporaryName(beside path: String) -> String {
    "\(directory(of: path))/.nearmetal-\(String(UInt64.random(in: 0...(.max)), radix: 36))"
  }

  /// Longest file that is read as a whole. Whatever the program writes is far shorter.
  public static let longest = 512 << 20

  /// The whole of a file.
  /// - Parameters:
  ///   - path: of a plain file.
  ///   - limit: the most bytes that it may have.
  public static func read(_ path: String, limit: Int = longest) throws(FileError) -> [UInt8] {
    let file = try openPlain(path)
    do throws(Errno) { return try file.readAll(limit: limit) } catch {
      throw FileError(.reading, "read \(path)", error)
    }
  }

  /// Opens a plain file to be read. A pipe to which nobody writes would be waited for, and a device may have no end: neither is
  /// anybody's file.
  private static func openPlain(_ path: String) throws(FileError) -> Descriptor {
    let file: Descriptor
    do throws(Errno) { file = try open(path, O_RDONLY | O_NONBLOCK) } catch {
      throw FileError(.reading, "read \(path)", error)
    }
    guard let kind = FileKind(file), kind == .plain || kind == .folder else {
      throw FileError(
        .reading, "read \(path)", .invalidArgument,
        kept: "It is \(FileKind(file)?.phrase ?? "something unknown"), and a plain file is expected.")
    }
    return file
  }

  /// Hands over a file that may be too large for memory piece by piece.
  /// - Parameters:
  ///   - path: of a plain file.
  ///   - body: takes up to 1 MiB.
  public static func read(_ path: String, pieces body: (ArraySlice<UInt8>) -> Void) throws(FileError) {
    let file = try openPlain(path)
    do throws(Errno) {
      var piece = [UInt8](repeating: 0, count: 1 << 20)
      while case let count = try file.read(into: &piece), count > 0 { body(piece[..<count]) }
    } catch { throw FileError(.reading, "read \(path)", error) }
  }

  /// Makes a directory and those above it; no error where it is there.
  public static func makeDirectory(_ path: String) throws(FileError) {
    if isDirectory(path) { return }
    let parent = directory(of: path)
    if parent != path, !exists(parent) { try makeDirectory(parent) }
    do throws(Errno) {
      _ = try systemCall { unsafe mkdir(path, 0o755) }
    } catch {
      // Another process may have made it meanwhile.
      if !isDirectory(path) { throw FileError(.writing, "make the directory \(path)", error) }
    }
  }

  public static func remove(_ path: String) throws(FileError) {
    do throws(Errno) { _ = try systemCall { unsafe unlink(path) } } catch {
      throw FileError(.writing, "remove \(path)", error)
    }
  }

  public static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  public static func isDirectory(_ path: String) -> Bool { (try? open(path, O_RDONLY | O_DIRECTORY)) != nil }

  /// The directory that a path's last component is in.
  public static func directory(of path: String) -> String {
    var path = path[...]
    while path.count > 1, path.last == "/" { path.removeLast() }
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o644) throws(Errno) -> Descriptor {
    do throws(SystemError) { return try Descriptor.open(path, flags, mode: mode) } catch { throw error.errno }
  }

  /// A rename is durable once its directory is. Some file systems cannot do that; then nothing more can be done.
  private static func synchronizeDirectory(of path: String) throws(Errno) {
    guard let folder = try? open(directory(of: path), O_RDONLY | O_DIRECTORY) else { return }
    do throws(Errno) { try folder.synchronize() } catch {
      if error != .invalidArgument { throw error }
    }
  }
}
