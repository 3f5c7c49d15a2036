import CLinux
import Glibc
import LinuxSystem
import SystemPackage
import Testing

/// Sockets between this process and one that it does not trust.
@Suite struct SocketTests {
  private static let soon: UInt64 = 20_000_000_000

  private func folder() throws -> String {
    var template = Array("/tmp/nearmetal-sockets-XXXXXX".utf8CString)
    try #require(unsafe mkdtemp(&template) != nil)
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private struct Pair: ~Copyable {
    let here: Descriptor
    let there: Descriptor

    init() throws {
      var ends: [Int32] = [0, 0]
      try systemCall("make a pair") {
        unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
      }
      here = Descriptor(owning: ends[0])
      there = Descriptor(owning: ends[1])
    }
  }

  @Test func aPrivateSocketHasNoNameAndOneConnection() throws {
    let folder = try folder()
    defer { unsafe rmdir(folder) }
    let socket = try PrivateSocket(in: folder)
    #expect(try HostFiles().entries(folder).isEmpty)
    let listener = socket.listenerDescriptor
    let accepted = Descriptor(owning: try systemCall("accept") { accept(listener, nil, nil) })
    let connection = socket.takeConnection()
    try connection.send([1, 2, 3], until: MonotonicClock.now + Self.soon)
    let bytes = try accepted.receive(3, until: MonotonicClock.now + Self.soon)
    #expect(bytes == [1, 2, 3])
  }

  @Test func aConnectionEndsWithWhoeverWasToAcceptIt() throws {
    let folder = try folder()
    defer { unsafe rmdir(folder) }
    // The listener goes with what is left of the socket.
    let connection = try PrivateSocket(in: folder).takeConnection()
    let error = #expect(throws: Errno.self) { _ = try connection.receive(1, until: MonotonicClock.now + Self.soon) }
    #expect(error == .connectionReset)
  }

  @Test func aFolderThatIsNotThereIsAnErrorThatNamesIt() {
    let error = #expect(throws: SystemError.self) { _ = try PrivateSocket(in: "/no/such/folder") }
    #expect(error?.description.contains("/no/such/folder") == true)
    #expect(throws: SystemError.self) { _ = try PrivateSocket(in: "/tmp/" + String(repeating: "x", count: 200)) }
  }

  @Test func bytesThatDoNotComeAreWaitedForUntilTheDeadline() throws {
    let pair = try Pair()
    try pair.there.send([1, 2], until: MonotonicClock.now + Self.soon)
    let late = #expect(throws: Errno.self) { _ = try pair.here.receive(3, until: MonotonicClock.now + 50_000_000) }
    #expect(late == .timedOut)
  }

  @Test func bytesThatNobodyReadsAreWaitedForUntilTheDeadlineToo() throws {
    let pair = try Pair()
    let much = [UInt8](repeating: 1, count: 16 << 20)
    let late = #expect(throws: Errno.self) { try pair.here.send(much, until: MonotonicClock.now + 50_000_000) }
    #expect(late == .timedOut)
  }

  @Test func manyBytesArriveWhole() throws {
    let pair = try Pair()
    let much = (0..<4 << 20).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let number = pair.here.rawValue
    let reader = try PinnedThread(name: "reader") {
      let received = try? Descriptor(owning: dup(number)).receive(much.count, until: MonotonicClock.now + Self.soon)
      #expect(received == much)
    }
    try pair.there.send(much, until: MonotonicClock.now + Self.soon)
    reader.join()
  }

  @Test func whoTakesNoDescriptorsIsNotLeftWithAny() throws {
    let pair = try Pair()
    var ends: [Int32] = [0, 0]
    #expect(unsafe pipe2(&ends, O_CLOEXEC) == 0)
    let reading = Descriptor(owning: ends[0])
    do {
      let writing = Descriptor(owning: ends[1])
      try pair.here.send(
        [1, 2, 3, 4], with: [writing.rawValue, writing.rawValue], until: MonotonicClock.now + Self.soon)
    }
    let bytes = try pair.there.receive(4, until: MonotonicClock.now + Self.soon)
    #expect(bytes == [1, 2, 3, 4])
    var rest = [UInt8](repeating: 0, count: 1)
    let count = try reading.read(into: &rest)
    #expect(count == 0, "nobody has the writing end any more")
  }

  @Test func moreDescriptorsThanGoWithAMessageAreRefused() throws {
    let pair = try Pair()
    let nine = [Int32](repeating: pair.there.rawValue, count: 9)
    let error = #expect(throws: Errno.self) {
      try pair.here.send([1], with: nine, until: MonotonicClock.now + Self.soon)
    }
    #expect(error == .invalidArgument)
  }
}
