import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// The files of an image that is being made. They have other names until they are whole, and get their own together, the file that
/// names the others last. Whatever ends before that leaves nothing behind but files that say in their names that they are partial.
/// Or they have no names at all.
final class OutputFiles {
  let path: String
  private let replaces: Bool
  /// The folder of files that get no names; nil where they get some.
  private let folder: String?
  private var names: [(temporary: String, final: String)] = []
  private(set) var files: [ImageFile] = []
  private var isPublished = false
  /// Sees what is written to the files that are made from now on.
  weak var journal: (any WriteJournal)?

  /// - Parameter replaces: whether a file that is there may be replaced.
  init(_ path: String, replaces: Bool) throws(ImageError) {
    self.path = path
    self.replaces = replaces
    folder = nil
    try refuse(path)
  }

  /// Files in a folder that never get names.
  init(unnamedIn folder: String) {
    path = "an image in \(folder)"
    replaces = false
    self.folder = folder
  }

  private func refuse(_ path: String) throws(ImageError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    guard replaces else { throw ImageError(.refused, path, "it exists; --force replaces it") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ImageError(.refused, path, "it is no file, and is not replaced")
    }
  }

  /// Makes the file that will be called so; the first one is the image's own.
  func make(_ final: String) throws(ImageError) -> ImageFile {
    if let folder {
      let file = try ImageFile(unnamedIn: folder)
      files.append(file)
      return file
    }
    try refuse(final)
    let temporary = "\(final).partial-\(getpid())"
    let file = try ImageFile(creating: temporary)
    file.journal = journal
    names.append((temporary, final))
    files.append(file)
    return file
  }

  /// Makes a file beside the image's own.
  func make(beside name: String) throws(ImageError) -> ImageFile {
    guard !name.contains("/") else {
      throw ImageError(.refused, path, "a file beside it cannot be called \(name.printable)")
    }
    let folder = ImageFolder.directory(of: path)
    return try make(folder == "." && !path.hasPrefix("./") ? name : "\(folder)/\(name)")
  }

  /// Gives the files their names.
  /// - Parameter isDurable: whether the disk has them then.
  func publish(isDurable: Bool) throws(ImageError) {
    if isDurable { for file in files { try file.synchronize() } }
    // One file takes another one's place at once. Of several, those that name others would name old and new ones meanwhile.
    let replaced = try replaces && names.count > 1 ? putAside() : []
    for (index, name) in names.enumerated().reversed() {
      let flags = replaces && names.count == 1 ? 0 : UInt32(nm_RENAME_NOREPLACE)
      do throws(Errno) {
        _ = try systemCall { unsafe nm_renameat2(name.temporary, name.final, flags) }
      } catch {
        // Those that have their names already would be of no use without the rest.
        if names.count > 1 || !replaces { for other in names[(index + 1)...] { _ = unsafe unlink(other.final) } }
        putBack(replaced)
        throw ImageError(
          .writing, name.final,
          error == .fileExists ? "somebody else made it meanwhile" : "cannot give it its name: \(error)", errno: error)
      }
    }
    isPublished = true
    for old in replaced { _ = unsafe unlink(old.aside) }
    guard isDurable, !names.isEmpty,
      let folder = try? Descriptor.open(ImageFolder.directory(of: path), O_RDONLY | O_DIRECTORY)
    else {
      return
    }
    do throws(Errno) { try folder.synchronize() } catch {
      if error != .invalidArgument {
        throw ImageError(.writing, path, "cannot make its name durable: \(error)", errno: error)
      }
    }
  }

  /// Gives the files that are to be replaced other names, the image's own first: from then on there is no image of that name.
  private func putAside() throws(ImageError) -> [(aside: String, final: String)] {
    var replaced: [(aside: String, final: String)] = []
    for name in names {
      let aside = "\(name.final).replaced-\(getpid())"
      do throws(Errno) {
        _ = try systemCall { unsafe nm_renameat2(name.final, aside, UInt32(nm_RENAME_NOREPLACE)) }
        replaced.append((aside, name.final))
      } catch {
        if error == .noSuchFileOrDirectory { continue }
        putBack(replaced)
        throw ImageError(.writing, name.final, "cannot put it aside: \(error)", errno: error)
      }
    }
    return replaced
  }

  private func putBack(_ replaced: [(aside: String, final: String)]) {
    for old in replaced.reversed() {
      _ = unsafe nm_renameat2(old.aside, old.final, UInt32(nm_RENAME_NOREPLACE))
    }
  }

  deinit {
    if !isPublished { for name in names { _ = unsafe unlink(name.temporary) } }
  }
}
