import LinuxSystem

/// Files that hold a disk among other things, opened together.
struct ContainerFiles: Sendable {
  private final class File: Sendable {
    let file: BackingFile
    init(_ file: consuming BackingFile) { self.file = file }
  }

  private let owners: [File]
  /// In the order of the map.
  let open: [OpenFile]

  /// - Parameter flags: `open(2)` flags besides the access mode.
  init(_ files: [BlockFile], flags: Int32) throws(SystemError) {
    var owners: [File] = []
    for file in files {
      owners.append(File(try BackingFile(path: file.path, flags: flags, readOnly: file.isReadOnly, isContainer: true)))
    }
    self.owners = owners
    self.open = owners.map { $0.file.open }
  }
}
