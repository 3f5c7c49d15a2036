import CLinux
import Counters
import Definitions
import Devices
import Foundation
import Images
import LinuxSystem
import Probe
import Results
import Synchronization
import Testing
import Topology

@testable import Machines

/// QEMU's storage daemon behind a session's disk.
@Suite(.serialized) struct StorageDaemonTests {
  private static let program = QEMUProgram.find(QEMUProgram.storageDaemon, in: Environment.value("PATH") ?? "")

  private func suite(_ parameters: String) throws -> Suite {
    try SuiteReader.parse(
      "name: s\nblocks: 1\nmemory: 64MiB\nworkloads: [{id: block.randread, modes: [vhost-user], parameters: \(parameters)}]",
      path: "s.yaml")
  }

  private func wanted(_ parameters: String) throws -> DiskSpecification {
    try #require(try suite(parameters).entries[0].disk)
  }

  private func disk(_ images: Set<DiskSpecification.Image> = []) throws -> RunDisk {
    try RunDisk(path: "/var/tmp/x", size: 4 << 20, seed: 3, images: images)
  }

  private func context(_ disk: DiskSupply) throws -> SessionContext {
    let cpus = try CPUAffinity.allowed()
    return SessionContext(
      try suite("{backing: file}"), try ProbeImage.bundled(), cpus: LegCPUs(workload: cpus[0], io: cpus.last),
      memory: MemoryPlan(pages: .small, node: nil, nodeCount: 1), disk: disk,
      noise: NoiseWatch(legs: [], allowed: cpus, topology: try CPUTopology()), Interruption())
  }

  @Test func aRawDiskIsExportedAsItLies() throws {
    let disk = try disk()
    let direct = try wanted("{backing: direct}")
    let command = StorageDaemonCommand(wanted: direct, disk: try disk.leg(direct))
    #expect(
      command.arguments == [
        "--object", "iothread,id=io", "--blockdev",
        "driver=file,filename=/proc/self/fd/3,locking=off,aio=io_uring,node-name=disk,cache.direct=on", "--export",
        "type=vhost-user-blk,id=export,node-name=disk,iothread=io,writable=on,addr.type=fd,addr.str=4",
      ])
    #expect(command.descriptors(listener: 77).last == 77 && command.descriptors(listener: 77).count == 2)
    let file = try wanted("{backing: file}")
    #expect(StorageDaemonCommand(wanted: file, disk: try disk.leg(file)).arguments[3].hasSuffix("cache.direct=off"))
  }

  @Test func aFormatHasItsDriverOverTheFileAndAnImageForReadingIsReadAlone() throws {
    let wanted = try wanted("{backing: file, format: qcow2}")
    let node = StorageDaemonCommand(wanted: wanted, disk: try disk([wanted.image]).leg(wanted)).arguments[3]
    #expect(
      node == "driver=qcow2,file.driver=file,file.filename=/proc/self/fd/3,file.locking=off,file.aio=io_uring,"
        + "node-name=disk,cache.direct=off")
    let folder = "/var/tmp/nearmetal-daemon-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/user,s disk.qcow2"
    try ImageCreation.create(path, ImageOptions(.qcow2, path: path), size: 8 << 20)
    let given = try GivenDisk(path, format: nil, isWritable: false, allowsParentsAnywhere: false)
    let arguments = StorageDaemonCommand(wanted: wanted, disk: given.leg(wanted)).arguments
    #expect(
      arguments[3].contains("file.filename=\(folder)/user,,s disk.qcow2,") && arguments[3].hasSuffix("read-only=on"))
    #expect(arguments[5].contains("writable=off") && arguments[5].hasSuffix("addr.str=3"))
  }

  @Test(arguments: [
    ("{backing: memory}", "backing=memory"), ("{backing: \"null\"}", "backing=null"),
    ("{backing: file, transport: mmio}", "MSI-X"), ("{backing: file, format: vmdk-flat}", "locks the extents"),
    ("{backing: file, format: vhd-differencing}", "no differencing VHDs"),
  ])
  func whatItCannotServeIsSkippedWithAReason(parameters: String, reason: String) throws {
    let wanted = try wanted(parameters)
    let context = try context(.image(try disk([wanted.image])))
    guard
      case .unavailable(let text) = obstacle({ () throws(SessionObstacle) in try StorageDaemon.start(wanted, context) })
    else {
      Issue.record("it was not skipped")
      return
    }
    #expect(text.contains(reason) || Self.program == nil, "\(text)")
  }

  private func obstacle(_ body: () throws(SessionObstacle) -> StorageDaemon) -> SessionObstacle? {
    do throws(SessionObstacle) {
      _ = try body()
      return nil
    } catch { return error }
  }

  @Test func aProgramThatEndsIsAFailureWithItsLastWords() throws {
    let disk = try disk()
    let wanted = try wanted("{backing: file}")
    let script = "/var/tmp/nearmetal-daemon-\(UUID().uuidString)"
    try "#!/bin/sh\necho 'no such export' >&2\nexit 4\n".write(toFile: script, atomically: false, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: script) }
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
    let command = StorageDaemonCommand(wanted: wanted, disk: try disk.leg(wanted))
    let context = try context(.image(disk))
    guard
      case .failure(let reason) = obstacle({ () throws(SessionObstacle) in try StorageDaemon(script, command, context) }
      )
    else {
      Issue.record("it did not fail")
      return
    }
    #expect(reason == "qemu-storage-daemon is gone: it ended with status 4; it said last: no such export")
  }

  private func output(_ script: String) throws -> (text: String, complaint: String) {
    let child = try ChildProcess("/bin/sh", ["-c", script], passing: [], filter: try PeerFilter.program.get())
    var bytes: [UInt8] = []
    let ended = unsafe child.drain(until: MonotonicClock.now + 20_000_000_000) { unsafe bytes.append(contentsOf: $0) }
    #expect(ended)
    let complaint = child.complaint()
    return (String(decoding: bytes, as: UTF8.self), complaint)
  }

  @Test func aPeersFilterIsThereAndKeepsItFromOtherPrograms() throws {
    let status =
      "while read name value; do case $name in NoNewPrivs:|Seccomp:) echo $name$value;; esac; done < /proc/self/status"
    #expect(try output(status).text == "NoNewPrivs:1\nSeccomp:2\n")
    let (text, complaint) = try output("/bin/echo one; echo two")
    #expect(!text.contains("one") && !complaint.isEmpty, "\(text) \(complaint)")
  }

  @Test(.enabled(if: program != nil, "qemu-storage-daemon is absent (Debian: qemu-system-common)"))
  func itServesTheDiskAndItsEndIsNoticed() throws {
    let disk = try disk()
    let daemon = try StorageDaemon.start(try wanted("{backing: file}"), try context(.image(disk)))
    #expect(daemon.backend.capacity == 4 << 20 && daemon.backend.queueLimit >= 1)
    #expect(daemon.backend.features.contains([.version1, .blockFlush, .indirectDescriptors, .eventIndex]))
    #expect(daemon.failure == nil)
    #expect(try ThreadTimes.cpu(ofProcess: daemon.pid) > 0)
    let status = try HostFiles().text("/proc/\(daemon.pid)/status")
    #expect(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"))
    let noticed = try EventCounter()
    let number = noticed.rawValue
    try daemon.watch {
      var one: UInt64 = 1
      _ = unsafe write(number, &one, 8)
    }
    kill(daemon.pid, SIGKILL)
    let isNoticed = noticed.wait(until: MonotonicClock.now + 20_000_000_000)
    #expect(isNoticed)
    #expect(daemon.failure?.contains("it was killed by signal 9") == true, "\(daemon.failure ?? "")")
  }

  @Test(.enabled(if: program != nil, "qemu-storage-daemon is absent (Debian: qemu-system-common)"))
  func itGoesWithItsOwner() throws {
    let pid: Int32
    do {
      let daemon = try StorageDaemon.start(try wanted("{backing: file}"), try context(.image(try disk())))
      try daemon.watch { Issue.record("nothing has happened") }
      daemon.stopWatching()
      pid = daemon.pid
    }
    #expect(kill(pid, 0) != 0)
  }
}
