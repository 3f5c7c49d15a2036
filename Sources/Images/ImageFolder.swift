import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// Where an image's other files may be. What names them is a stranger's text.
enum ImageFolder {
  /// The file that an image means by a name.
  /// - Parameter anywhere: whether it may be outside the image's own folder.
  /// - Returns: a path without links.
  static func resolve(_ name: String, of image: String, anywhere: Bool) throws(ImageError) -> String {
    guard !name.isEmpty, !name.utf8.contains(0) else {
      throw ImageError(.malformed, image, "it names a file without a name")
    }
    if let colon = name.firstIndex(of: ":"), !name[..<colon].contains("/") {
      throw ImageError(
        .unsupported, image,
        "it refers to \(name.printable), which is no path (\(String(name[...colon]).printable) is a protocol of QEMU)")
    }
    let folder = directory(of: image)
    let path = name.hasPrefix("/") ? name : "\(folder)/\(name)"
    let found = try real(path, for: image)
    let home = try real(folder, for: image)
    guard anywhere || found.hasPrefix(home == "/" ? "/" : home + "/") else {
      throw ImageError(
        .refused, image, "it refers to \(name.printable), which is outside its folder; --allow-parent permits that")
    }
    var status = stat()
    guard unsafe stat(found, &status) == 0, [S_IFREG, S_IFBLK].contains(status.st_mode & S_IFMT) else {
      throw ImageError(.refused, image, "it refers to \(name.printable), which is neither a file nor a block device")
    }
    guard anywhere || status.st_mode & S_IFMT == S_IFREG else {
      throw ImageError(.refused, image, "it refers to the device \(name.printable); --allow-parent permits that")
    }
    return found
  }

  private static func real(_ path: String, for image: String) throws(ImageError) -> String {
    guard let found = unsafe realpath(path, nil) else {
      let errno = Errno(rawValue: nm_errno())
      throw ImageError(.reading, image, "it refers to \(path.printable): \(errno)", errno: errno)
    }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
  }

  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func name(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return path }
    return String(path[path.index(after: slash)...])
  }
}
