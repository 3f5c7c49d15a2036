import CLinux
import Counters
import Definitions
import LinuxSystem
import Network
import Probe
import Results
import Synchronization
import Topology

/// The `qemu` machine: the same probe under QEMU, the peer and the independent check of the probe's drivers.
struct QEMUMachine: SessionMachine {
  var counting: CountableThreads { .none }

  func prepare(_ session: Session, _ context: SessionContext) throws(SessionObstacle) -> any PreparedSession {
    guard let qemu = context.qemu else {
      throw .unavailable("qemu-system-x86_64 is not installed (Debian: apt-get install qemu-system-x86)")
    }
    let disk = try disk(session, context)
    if let net = session.net, net.wire != .tap {
      throw .unavailable(
        "QEMU is another process: the wire that it shares with the other legs is the TAP, not \(net.wire.rawValue)")
    }
    if session.concurrency.ioThreads > 1 { try checkThreads(qemu) }
    let command = QEMUCommand(session: session, context: context, disk: disk)
    if let linux = session.linux { return try LinuxPeerSession(qemu, command, linux) }
    return try QEMUSession(qemu, command, jobs: jobs(session, context), context)
  }

  /// Whether this QEMU can have a disk's queues served by several threads.
  private func checkThreads(_ qemu: String) throws(SessionObstacle) {
    let property = QEMUCommand.queueMapping
    do throws(SystemError) {
      if try QEMUProgram.has(property, of: "virtio-blk-pci", qemu) { return }
    } catch { throw .failure(error.description) }
    throw .unavailable(
      "this QEMU serves a disk by one I/O thread: several need \(property), which came with version 9.0")
  }

  /// The session's jobs; a guest whose memory is looked at stays for long enough.
  private func jobs(_ session: Session, _ context: SessionContext) -> [UInt8] {
    guard context.measuresFootprint else { return context.jobText(session) }
    let pause = ProbeJob(number: 1, workload: "cpu.integer", seed: 1, warmup: 0, window: 300_000_000)
    return ProbeJob.text([pause], tscFrequency: context.tscFrequency)
  }

  /// The session's disk, which QEMU opens with its own driver of the format.
  private func disk(_ session: Session, _ context: SessionContext) throws(SessionObstacle) -> LegDisk? {
    guard let wanted = session.disk else { return nil }
    let disk: LegDisk?
    do throws(SystemError) { disk = try context.disk.leg(wanted) } catch { throw .failure(error.description) }
    if let obstacle = disk?.peer.obstacle { throw .unavailable(obstacle) }
    if disk?.isReadOnly == true, session.path.mode == .emulated {
      throw .unavailable("QEMU has no IDE disk that is for reading only")
    }
    return disk
  }
}

/// A process of QEMU.
private final class QEMUSession: PreparedSession {
  private let qemu: String
  private let command: QEMUCommand
  private let context: SessionContext
  /// The job text.
  private let module: Descriptor
  private let wire: TAPWire?
  private let records: RecordStream
  /// A turn that the guest has asked for and not got yet.
  private let asked: Asked
  private let isCancelled = Atomic<Bool>(false)
  private var outcome = SessionOutcome()

  private final class Asked: Sendable {
    let turn = Atomic<Bool>(false)
  }

  init(
    _ qemu: String, _ command: QEMUCommand, jobs: [UInt8], _ context: SessionContext
  ) throws(SessionObstacle) {
    self.qemu = qemu
    self.command = command
    self.context = context
    let asked = Asked()
    self.asked = asked
    records = RecordStream(kept: context.onRecord) { asked.turn.store(true, ordering: .relaxed) }
    do throws(SystemError) {
      wire = try command.session.net.map { (_) throws(SystemError) in try TAPWire(cpu: context.cpus.io) }
    } catch { throw .unavailable(error.description) }
    do throws(SystemError) { module = try UnnamedFile.inMemory(jobs) } catch {
      throw .failure(error.description)
    }
  }

  func run() {
    do throws(SystemError) { try boot() } catch { outcome.failure = error.description }
  }

  func cancel() { isCancelled.store(true, ordering: .relaxed) }

  /// Stops QEMU whole until the guest has its turn, and tells the guest, which waits for a byte on its serial port.
  private func passGate(_ gate: TurnGate, _ pid: Int32, _ input: Int32?) {
    ChildProcess.suspend(pid)
    var answer = UInt8(truncatingIfNeeded: gate.pass { [] })
    if let input { _ = try? systemCall { unsafe write(input, &answer, 1) } }
    ChildProcess.resume(pid)
  }

  func finish() -> SessionOutcome {
    outcome.results = records.results
    return outcome
  }

  private func boot() throws(SystemError) {
    let threads = context.threads(of: command.session)
    // QEMU's own main loop and a second vCPU beside no device are where the I/O thread is.
    let cpus = Set(threads.vcpus + (context.cpus.io.map { [$0] } ?? []) + threads.io.compactMap(\.self)).sorted()
    let start = MonotonicClock.now
    let noise = try? context.noise.sample(cpus: cpus)
    let device = wire.map { [$0.descriptor] } ?? command.disk?.peer.descriptors ?? []
    let place = UnnamedFile.path(ChildProcess.passed + Int32(device.count))
    let child = try QEMUProgram.start(
      qemu, command.arguments(module: place), on: cpus, pages: context.memory.pages,
      passing: device + [module.rawValue], listens: context.gate != nil)
    let (pid, input) = (child.pid, child.inputDescriptor)
    var memory: MemoryFootprint?
    var pinned = false
    let interruption = context.interruption
    let receive = { [self] (bytes: UnsafeRawBufferPointer) in
      unsafe records.receive(bytes)
      // The first record is there, so every vCPU thread is: the workload's goes where the native leg's thread ran.
      if !pinned {
        pinned = true
        for (number, cpu) in threads.vcpus.enumerated() { ProcessThreads.pin("CPU \(number)/", of: pid, to: cpu) }
        for (number, cpu) in threads.io.enumerated() {
          if let cpu { ProcessThreads.pin(threads.io.count == 1 ? "IO " : "IO io\(number)", of: pid, to: cpu) }
        }
      }
      if context.measuresFootprint, memory == nil {
        memory = try? MemoryFootprint(process: pid, withoutMappingsOf: UInt(context.memoryBytes))
      }
      if let gate = context.gate, asked.turn.exchange(false, ordering: .relaxed) { passGate(gate, pid, input) }
    }
    let takesTurns = context.gate != nil
    let ended = unsafe child.drain(
      until: start + context.patience(command.session),
      isCancelled: { (!takesTurns && interruption.isRequested) || isCancelled.load(ordering: .relaxed) }, receive)
    if let noise { outcome.noise = try? context.noise.sample(cpus: cpus).since(noise) }
    outcome.memory = MemoryRecord(node: context.memory.node, hugePages: context.memory.pages.rawValue)
    outcome.memory?.reason = "QEMU was told by its options; its memory went with its process, unseen"
    outcome.failure = explain(ended, child.complaint())
    withExtendedLifetime(wire) {}
    if context.measuresFootprint {
      outcome.boot = BootFigures(first: 0, last: 0, resident: memory?.resident, proportional: memory?.proportional)
    } else {
      outcome.boot = records.figures(since: start)
    }
  }

  private func explain(_ ended: Bool, _ complaint: String) -> String {
    if let complaint = records.complaint { return complaint }
    if context.interruption.isRequested { return "interrupted" }
    let suffix = complaint.isEmpty ? "" : ": \(complaint)"
    return ended ? "QEMU ended before the job was answered\(suffix)" : "no answer from QEMU by the deadline\(suffix)"
  }
}
