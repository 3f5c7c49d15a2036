import Glibc
import LinuxSystem
import SystemPackage
import Testing

@Suite struct FileTests {
  /// A folder of its own, which goes with its owner.
  private final class Folder {
    let path: String

    init() throws {
      var template = Array("/tmp/nearmetal-files-XXXXXX".utf8CString)
      try #require(unsafe mkdtemp(&template) != nil)
      path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
      for name in (try? HostFiles().entries(path)) ?? [] { _ = unsafe unlink("\(path)/\(name)") }
      _ = unsafe rmdir(path)
    }
  }

  @Test func aCallThatASignalInterruptedIsMadeAgain() throws {
    var calls = 0
    let result = try systemCall {
      calls += 1
      errno = EINTR
      return calls < 3 ? -1 : 7
    }
    #expect(result == 7)
    #expect(calls == 3)
  }

  @Test func aFailureHasTheCallsErrnoItsPurposeAndAdvice() {
    let error = #expect(throws: SystemError.self) {
      let advice = { (errno: Errno) in errno == .badFileDescriptor ? "Open it." : nil }
      try systemCall("close it", advice: advice) { close(-1) }
    }
    #expect(error?.description == "cannot close it: Bad file descriptor. Open it.")
  }

  @Test func aFullDeviceIsAnErrorAndNotAShortWrite() throws {
    let full = try Descriptor.open("/dev/full", O_WRONLY)
    #expect(throws: Errno.noSpace) { try full.writeAll(Array("text".utf8)) }
  }

  @Test func aFileIsReadWholeOrNotAtAll() throws {
    let zeros = try Descriptor.open("/dev/zero", O_RDONLY)
    #expect(throws: Errno.fileTooLarge) { try zeros.readAll(limit: 1 << 20) }
  }

  @Test func filesAreReplacedAppendedToAndReadInPieces() throws {
    let folder = try Folder()
    let path = "\(folder.path)/file"
    let long = [UInt8](repeating: 7, count: (1 << 20) + 3)
    try AtomicFile.write([1, 2], to: path)
    try AtomicFile.write(long, to: path)
    try AtomicFile.append([9], to: path)
    var pieces: [Int] = []
    try AtomicFile.read(path) { pieces.append($0.count) }
    #expect(try AtomicFile.read(path) == long + [9])
    #expect(pieces == [1 << 20, 4])
    #expect(try HostFiles().entries(folder.path) == ["file"])
  }

  @Test func aFileThatCannotBeReplacedStaysWhole() throws {
    let folder = try Folder()
    try AtomicFile.write([1], to: "\(folder.path)/in-the-way")
    let error = #expect(throws: FileError.self) {
      try AtomicFile.write([2], to: "\(folder.path)/in-the-way/file")
    }
    #expect(error?.errno == .notDirectory)
    #expect(error?.isOfOutput == true)
    #expect(try AtomicFile.read("\(folder.path)/in-the-way") == [1])
    // A folder cannot be renamed over by a file.
    let other = #expect(throws: FileError.self) { try AtomicFile.write([2], to: folder.path) }
    #expect(other?.errno == .isDirectory)
    #expect(try HostFiles().entries(folder.path) == ["in-the-way"])
    let beside = try HostFiles().entries(AtomicFile.directory(of: folder.path))
    #expect(!beside.contains { $0.hasPrefix(".nearmetal-") })
  }

  @Test func aPipeOrADeviceIsNoFileToRead() throws {
    let folder = try Folder()
    let pipe = "\(folder.path)/pipe"
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    for path in [pipe, "/dev/zero"] {
      let error = #expect(throws: FileError.self) { try AtomicFile.read(path) }
      #expect(error?.description.contains("a plain file is expected") == true)
    }
  }

  @Test func aDeviceInPlaceOfAFileIsWrittenToAndStays() throws {
    let folder = try Folder()
    let link = "\(folder.path)/null"
    #expect(unsafe symlink("/dev/null", link) == 0)
    try AtomicFile.write([1], to: link)
    #expect(FileKind(link) == .device)
  }

  @Test func aFileLongerThanTheLimitIsNotRead() throws {
    let folder = try Folder()
    try AtomicFile.write([1, 2, 3], to: "\(folder.path)/file")
    let error = #expect(throws: FileError.self) { try AtomicFile.read("\(folder.path)/file", limit: 2) }
    #expect(error?.errno == .fileTooLarge)
  }

  @Test func aFileThatCannotBeReadIsTheInputsFault() {
    let error = #expect(throws: FileError.self) { try AtomicFile.read("/nowhere/file") }
    #expect(error?.isOfOutput == false)
    #expect(error?.description == "cannot read /nowhere/file: No such file or directory")
  }

  @Test func aPrivateFileIsItsOwnersAndReplacesNothing() throws {
    let folder = try Folder()
    let path = "\(folder.path)/key"
    try AtomicFile.createPrivate([1], at: path)
    var status = stat()
    #expect(unsafe stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    let error = #expect(throws: FileError.self) { try AtomicFile.createPrivate([2], at: path) }
    #expect(error?.errno == .fileExists)
    #expect(try AtomicFile.read(path) == [1])
  }

  @Test func directoriesAreMadeWithThoseAboveThemUnlessAFileIsInTheWay() throws {
    let folder = try Folder()
    try AtomicFile.write([], to: "\(folder.path)/file")
    let error = #expect(throws: FileError.self) { try AtomicFile.makeDirectory("\(folder.path)/file/a/b") }
    #expect(error?.isOfOutput == true)
    try AtomicFile.makeDirectory("\(folder.path)/a/b")
    #expect(AtomicFile.isDirectory("\(folder.path)/a/b"))
    _ = unsafe (rmdir("\(folder.path)/a/b"), rmdir("\(folder.path)/a"))
  }

  @Test(arguments: [
    ("/", "/"), ("/a", "/"), ("/a/b", "/a"), ("/a/b/", "/a"), ("a", "."), ("a/b", "a"), ("a//", "."),
  ])
  func theFolderAboveAPathIsFoundByItsText(path: String, folder: String) {
    #expect(AtomicFile.directory(of: path) == folder)
  }
}
