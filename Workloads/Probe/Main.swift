import CProbe
import PortIO
import ProbeABI

/// The probe guest: where the machine arrives at CPL 3, and where the native machine calls in.

/// Ends the machine: by the debug-exit port, else by resetting it through the keyboard controller.
func endMachine(_ value: UInt32) -> Never {
  outl(UInt16(NM_PORT_DEBUG_EXIT), value)
  outb(0x64, 0xfe)
  while true { nm_pause() }
}

/// Sends bytes, by COM1 or the outbox: the guest's `nm_environment.emit`.
private func emit(_ context: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<UInt8>?, _ count: UInt64) {
  guard let bytes else { return }
  if count >= Outbox.least, Outbox.isThere { Outbox.send(bytes, count) } else { Serial.write(bytes, count) }
}

/// Brackets a window: the guest's `nm_environment.marker`.
private func mark(_ context: UnsafeMutableRawPointer?, _ value: UInt32) {
  let kind = value & ~UInt32(NM_MARKER_OPEN - 1)
  if kind == NM_MARKER_CLOSE { probe_window_closed() }
  outl(UInt16(NM_PORT_MARKER), value)
  if kind == NM_MARKER_OPEN { probe_window_opened() }
}

/// Waits for the guest's turn: the guest's `nm_environment.turn`.
private func awaitTurn(_ context: UnsafeMutableRawPointer?, _ isAskedFor: UInt32) -> UInt32 {
  if isAskedFor != 0 { return UInt32(Serial.read()) }
  let answer = inl(UInt16(NM_PORT_TURN))
  return answer == NM_TURN_GO || answer == NM_TURN_END ? answer : NM_TURN_ASK
}

/// Has another processor share a job's work: the guest's `nm_environment.start`.
private func start(
  _ context: UnsafeMutableRawPointer?, _ worker: UInt32,
  _ work: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ argument: UnsafeMutableRawPointer?
) {
  if let work { Processors.start(Int(worker), work, argument) }
}

/// Whether it does: the guest's `nm_environment.busy`.
private func isBusy(_ context: UnsafeMutableRawPointer?, _ worker: UInt32) -> UInt32 {
  Processors.isPending(Int(worker)) ? 1 : 0
}

/// The boot processor's first function at CPL 3.
@_cdecl("probe_main")
func probeMain(_ startInfo: UInt64) -> Never {
  mark(nil, NM_MARKER_BOOT)
  Processors.installInterruptGates()
  Serial.start()
  guard let info = StartInfo(at: startInfo, imageEnd: probe_image_end_address()), let jobs = info.jobs else {
    endMachine(UInt32(NM_EXIT_FAILED))
  }
  let options = CommandLine(info.commandLine)
  LocalAPIC.enable()
  var environment = nm_environment()
  environment.arena = info.arena
  environment.arena_size = info.arenaSize
  environment.tsc_khz = options["tsc_khz"] ?? 0
  environment.emit = emit
  environment.marker = mark
  environment.turn = awaitTurn
  environment.cpus = Processors.startOthers(
    limit: UInt32(min(options["cpus"] ?? 1, UInt64(PROBE_MAX_CPUS))),
    ticksPerMillisecond: options["tsc_khz"] ?? 1_000_000)
  environment.workers = environment.cpus
  environment.start = start
  environment.busy = isBusy
  addBlockDevice(options, to: &environment)
  addNetDevice(options, to: &environment)
  let failures = probe_on_work_stack(&environment, jobs, info.jobsLength, probe_entry_ticks())
  // A machine that is to see a guest reset itself asks for it.
  if let end = options.value("end"), end.equals("reset"), failures == 0 { outb(0x64, 0xfe) }
  endMachine(UInt32(failures == 0 ? NM_EXIT_DONE : NM_EXIT_FAILED))
}

/// Gives the end of the arena to the block driver, unless the machine is to have none.
private func addBlockDevice(_ options: CommandLine, to environment: inout nm_environment) {
  if let wanted = options.value("block"), wanted.equals("none") { return }
  let size = BlockDevices.memorySize(options)
  guard environment.arena_size >= JobContext.smallestArena + size else { return }
  environment.arena_size -= size
  let memory = Region(address: environment.arena + environment.arena_size, count: size)
  var devices = BlockDevices(options, memory: memory, tscKilohertz: environment.tsc_khz)
  devices.find(for: &environment)
}

/// Gives the end of the arena to the net driver, unless the machine is to have none.
private func addNetDevice(_ options: CommandLine, to environment: inout nm_environment) {
  if let wanted = options.value("net"), wanted.equals("none") { return }
  let size = NetDevices.memorySize
  guard environment.arena_size >= JobContext.smallestArena + size else { return }
  let left = environment.arena_size - size
  var devices = NetDevices(
    options, memory: Region(address: environment.arena + left, count: size), tscKilohertz: environment.tsc_khz)
  devices.find(for: &environment)
  // A machine without one keeps the memory, but for the page of the note.
  environment.arena_size = environment.net_note == nil ? environment.arena_size : left
}

/// What the native machine calls after it has mapped this image into its own process (`nm_native_entry`).
@_cdecl("nearmetal_native_entry")
func nativeEntry(
  _ environment: UnsafePointer<nm_environment>, _ jobs: UnsafePointer<UInt8>, _ length: UInt64
) -> Int64 {
  probe_on_work_stack(environment, jobs, length, nm_tsc())
}

/// Runs the jobs of either machine, called by `probe_on_work_stack`: from here on a guest and the native machine have the
/// same code, data and stack addresses, so that neither wins by how its memory happens to lie.
@_cdecl("probe_run")
func run(
  _ environment: UnsafePointer<nm_environment>, _ jobs: UnsafePointer<UInt8>, _ length: UInt64, _ entryTSC: UInt64
) -> Int64 {
  sendHello(environment, jobs, length, entryTSC: entryTSC)
  return runJobs(environment, jobs, length) { job, context in
    guard let workload = ExitWorkload(named: job.workload) else { return false }
    if context.environment.pointee.native != 0 {
      context.skip("needs a guest: there is nothing to exit from natively")
    } else {
      workload.run(job, &context)
    }
    return true
  }
}

/// Where traps.S goes on at CPL 3 after an exception that is no call gate.
@_cdecl("probe_crashed")
func crashed() -> Never {
  var environment = nm_environment()
  environment.emit = emit
  var crash = probe_crash_record()!.pointee
  crash.cpu = LocalAPIC.identifier
  // The arena may be what the crash was about: a record has a buffer of its own here.
  withUnsafeMutablePointer(to: &environment) { environment in
    let memory = Region(address: UInt64(PROBE_CRASH_BUFFER), count: RecordWriter.memorySize)
    var writer = RecordWriter(environment: environment, memory: memory)
    writer.crash(crash, job: 0)
  }
  endMachine(UInt32(NM_EXIT_FAILED))
}
