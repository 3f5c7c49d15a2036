import CLinux
import Definitions
import Devices
import LinuxSystem
import Synchronization

/// qemu-storage-daemon, a vhost-user back end that serves the disk of one session: a process on the CPU of I/O threads, which ends with
/// the session. QEMU has a sandbox of its own, and the daemon has none: it is held to a filter of ours.
final class StorageDaemon {
  let backend: VhostUserBackend
  private let process: ChildProcess
  private let disk: LegDisk
  private let stopping: EventCounter
  private let letGo = Flag()
  private var watcher: PinnedThread?

  private final class Flag: Sendable {
    let isSet = Atomic<Bool>(false)
  }

  /// Nanoseconds until it has answered: it opens the disk before.
  private static let patience: UInt64 = 10_000_000_000

  /// Starts it and waits until it is there.
  static func start(_ wanted: DiskSpecification, _ context: SessionContext) throws(SessionObstacle) -> StorageDaemon {
    if let obstacle = StorageDaemonCommand.obstacle(wanted, nil) { throw .unavailable(obstacle) }
    guard let program = context.storageDaemon else {
      throw .unavailable("qemu-storage-daemon is not installed (Debian: apt-get install qemu-system-common)")
    }
    let disk: LegDisk?
    do throws(SystemError) { disk = try context.disk.leg(wanted) } catch { throw .failure(error.description) }
    guard let disk else { throw .failure("there is no disk") }
    if let obstacle = StorageDaemonCommand.obstacle(wanted, disk) { throw .unavailable(obstacle) }
    let daemon = try StorageDaemon(program, StorageDaemonCommand(wanted: wanted, disk: disk), context)
    if wanted.virtio.ring == .packed, !daemon.backend.features.contains(.packedRing) {
      throw .unavailable("qemu-storage-daemon offers no packed ring")
    }
    let (found, size) = (daemon.backend.capacity, context.disk.size & ~511)
    guard found == size else {
      throw .failure("qemu-storage-daemon shows a disk of \(found) bytes, and the other legs have one of \(size)")
    }
    return daemon
  }

  init(_ program: String, _ command: StorageDaemonCommand, _ context: SessionContext) throws(SessionObstacle) {
    let socket: PrivateSocket
    let process: ChildProcess
    do throws(SystemError) {
      socket = try PrivateSocket(in: Environment.value("TMPDIR") ?? "/tmp")
      process = try QEMUProgram.startFiltered(
        program, command.arguments, on: context.cpus.io ?? context.cpus.workload,
        passing: command.descriptors(listener: socket.listenerDescriptor))
      stopping = try EventCounter(nonBlocking: true)
    } catch { throw .failure(error.description) }
    do throws(VhostUserFailure) {
      backend = try VhostUserBackend(socket.takeConnection(), until: MonotonicClock.now + Self.patience)
    } catch {
      // What closed the connection may need a moment to be gone.
      _ = unsafe process.drain(until: MonotonicClock.now + 1_000_000_000) { _ in }
      throw .failure(process.ending == nil ? error.reason : Self.phrase(process.epitaph()))
    }
    self.process = process
    disk = command.disk
  }

  deinit { stopWatching() }

  private static func phrase(_ epitaph: String) -> String { "qemu-storage-daemon is gone: \(epitaph)" }

  var pid: Int32 { process.pid }

  /// How it ended by itself, or let go of the guest, as a leg's reason; nil where it did neither.
  var failure: String? {
    // Files are closed before a process is gone.
    if letGo.isSet.load(ordering: .acquiring) {
      _ = unsafe process.drain(until: MonotonicClock.now + 1_000_000_000) { _ in }
    }
    if process.ending != nil { return Self.phrase(process.epitaph()) }
    return letGo.isSet.load(ordering: .acquiring) ? "qemu-storage-daemon closed the connection" : nil
  }

  /// Calls a body where the daemon ends, or closes the connection, before ``stopWatching()``.
  func watch(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let (end, socket, stop) = (process.endDescriptor, backend.socket, stopping.rawValue)
    let letGo = letGo
    watcher = try PinnedThread(name: "back end") {
      var entries = [
        pollfd(fd: stop, events: Int16(POLLIN), revents: 0), pollfd(fd: end, events: Int16(POLLIN), revents: 0),
        pollfd(fd: socket, events: Int16(POLLRDHUP), revents: 0),
      ]
      while unsafe poll(&entries, 3, -1) <= 0 {}
      guard entries[0].revents == 0 else { return }
      letGo.isSet.store(true, ordering: .releasing)
      body()
    }
  }

  /// From now on its end is nobody's business.
  func stopWatching() {
    stopping.signal()
    watcher?.join()
    watcher = nil
  }
}
