import Devices
import ELF
import GuestMemory
import KVM
import LinuxBoot
import LinuxSystem
import Multiboot
import ProbeABI

/// A NearMetal machine: RAM, in-kernel interrupt controllers, vCPUs on pinned threads, a serial port, disks and network interfaces,
/// and what its platform has besides. It is made, loaded and run once; one with firmware is run as it is made.
public final class Machine: @unchecked Sendable {
  // @unchecked: everything but `control` is used by the thread that owns the machine, or handed to one vCPU thread each.

  private let configuration: MachineConfiguration
  let virtualMachine: SharedVirtualMachine
  let disks: [any AttachedDevice]
  let nics: [any AttachedDevice]
  let spaces: AddressSpaces
  private let control: MachineControl
  let vcpus: [VCPUThread]
  let service: InterruptService
  private let doorbells: [EventBox]
  private let serialPort: SerialPort
  /// Where the tables for an operating system begin; nil where there are none.
  private let rsdp: UInt64?
  /// The guest's RAM.
  public let memory: GuestMemory

  /// Makes a machine.
  /// - Parameters:
  ///   - system: the host's KVM.
  ///   - configuration: memory, vCPUs and devices.
  ///   - serial: takes every byte that the guest sends on COM1; on a vCPU thread.
  ///   - outbox: takes what the probe sends at once instead; on a vCPU thread. Nil for a machine that has no outbox.
  ///   - marker: takes every marker that the probe writes; on a vCPU thread.
  ///   - turn: lets the guest wait for its turn and answers it, `NM_TURN_GO` or `NM_TURN_END`; on a vCPU thread, with every other
  ///     access to a device waiting. It must return soon after the machine was stopped. Nil for a machine that takes no turns.
  public init(
    _ system: borrowing System, _ configuration: MachineConfiguration, serial: @escaping (UInt8) -> Void,
    outbox: (([UInt8]) -> Void)? = nil, marker: @escaping (UInt32) -> Void = { _ in }, turn: (() -> UInt32)? = nil
  ) throws(MachineError) {
    self.configuration = configuration
    spaces = AddressSpaces(vcpus: configuration.vcpuCPUs.count)
    let isPC = configuration.platform == .pc
    let control: MachineControl
    let (serialLine, keyboardLine): (EventLine?, EventLine?)
    let firmware: FirmwareMemory?
    do throws(SystemError) {
      KickSignal.install()
      control = try MachineControl()
      let virtualMachine = try system.createVirtualMachine()
      memory = try GuestMemory(
        size: configuration.memory, pages: configuration.pages, isShared: configuration.sharesMemory)
      if let image = configuration.firmware {
        firmware = try FirmwareMemory(image, memory: memory)
      } else {
        firmware = nil
      }
      try Self.place(memory, firmware, in: virtualMachine)
      try virtualMachine.createInterruptControllers(
        taskState: MemoryMap.taskState, identityMap: MemoryMap.identityMap)
      let table = try system.supportedCPUID()
      var vcpus: [VCPUThread] = []
      for index in 0..<configuration.vcpuCPUs.count {
        var vcpu = try virtualMachine.createVCPU(index)
        try vcpu.setCPUID(table.forProcessor(index, of: configuration.vcpuCPUs.count))
        vcpus.append(
          try VCPUThread(
            index: index, vcpu: vcpu, spaces: spaces, control: control, exitDelay: configuration.exitDelay))
      }
      self.vcpus = vcpus
      let interrupt = try EventCounter()
      try virtualMachine.attach(interrupt, toInterrupt: MemoryMap.testInterrupt)
      service = try InterruptService(memory: memory, event: interrupt, cpu: configuration.ioCPUs[0])
      doorbells = isPC ? [] : try Self.attachDoorbells(virtualMachine)
      self.virtualMachine = SharedVirtualMachine(virtualMachine)
      serialLine = isPC ? try EventLine(self.virtualMachine, gsi: MemoryMap.serialInterrupt) : nil
      keyboardLine = isPC ? try EventLine(self.virtualMachine, gsi: MemoryMap.keyboardInterrupt) : nil
    } catch {
      throw .system(error)
    }
    self.control = control
    let root = PCIRoot(spaces) { control.finish(.reset) }
    let router = firmware.map { [virtualMachine] _ in
      InterruptRouter((0..<16).map { LevelLine(virtualMachine, gsi: $0) })
    }
    let virtio = VirtioAssembly(
      machine: virtualMachine, spaces: spaces, root: root, wiring: Wiring(), hasLevels: isPC, router: router)
    let platform = isPC ? PCPlatform(virtio: virtio, control: control, memory: memory) : nil
    try platform?.attach()
    if configuration.hasTestDevices { try platform?.attachTestDevices() }
    let (disks, nics) = (DiskAssembly(virtio: virtio, memory: memory), NetAssembly(virtio: virtio, memory: memory))
    self.disks = try configuration.disks.map { (disk) throws(MachineError) in try disks.attach(disk) }
    self.nics = try configuration.nets.map { (net) throws(MachineError) in try nics.attach(net) }
    serialPort = SerialPort(interrupt: serialLine, transmit: serial)
    if let firmware, let router {
      rsdp = nil
      try platform?.attach(firmware, router: router, configuration)
    } else {
      do throws(PCISpaceExhausted) { try root.finish() } catch { throw .other(error.description) }
      rsdp = try platform?.describe(processors: configuration.vcpuCPUs.count)
    }
    do throws(BusOverlap) {
      try attachPorts(keyboard: KeyboardController(interrupt: keyboardLine) { control.finish(.reset) })
      if !isPC { try attachProbeDevices(outbox: outbox, marker: marker, turn: turn) }
    } catch { throw .overlap(error) }
  }

  /// Gives the guest its RAM, and its firmware's ROM where it has one.
  private static func place(
    _ memory: GuestMemory, _ firmware: FirmwareMemory?, in machine: borrowing KVM.VirtualMachine
  ) throws(SystemError) {
    if let firmware { return try firmware.place(in: machine) }
    for (slot, region) in memory.regions.enumerated() {
      try machine.setMemory(slot: slot, guest: region.start.rawValue, host: region.host, size: region.count)
    }
  }

  /// What machines of every platform have.
  private func attachPorts(keyboard: KeyboardController) throws(BusOverlap) {
    let control = control
    try spaces.ports.attach(serialPort, name: "COM1", at: MemoryMap.serial)
    try spaces.ports.attach(keyboard.data, name: "keyboard data", at: MemoryMap.keyboardData)
    try spaces.ports.attach(keyboard.command, name: "keyboard command", at: MemoryMap.keyboardCommand)
    try spaces.ports.attach(
      SignalPort { control.finish(.exited($0)) }, name: "debug exit", at: MemoryMap.debugExit)
  }

  /// Its disks, then its network interfaces.
  var devices: [any AttachedDevice] { disks + nics }

  /// The kernel threads that serve the first disk, or, in a machine without one, the first network interface; empty where there are
  /// none.
  public var ioThreads: [Int32] { devices.first?.threads.filter { $0 != 0 } ?? [] }

  /// The kernel threads that run the vCPUs, by their order; 0 for one that does not run yet.
  public var vcpuThreads: [Int32] { vcpus.map(\.threadIdentifier) }

  /// The first thing that went wrong with a disk, as a leg's reason.
  public var diskFailure: String? { disks.lazy.compactMap(\.failure).first }

  /// The first thing that went wrong with a network interface, as a leg's reason.
  public var netFailure: String? { nics.lazy.compactMap(\.failure).first }

  /// Gives the guest bytes to receive on COM1. Any thread.
  /// - Returns: how many were taken; the others find no room before the guest has taken some.
  public func send(_ bytes: some Collection<UInt8>) -> Int { serialPort.receive(bytes) }

  /// Loads an executable and readies the boot vCPU. A guest without tables is told on its command line what it needs to find the
  /// devices.
  public func load(
    _ image: ELFImage, name: String, commandLine: String, module: [UInt8]?
  ) throws(MachineError) {
    let entry: PVHLoader.Entry
    let words = [commandLine] + (rsdp == nil ? devices.map(\.commandLine) : [])
    let line = words.filter { !$0.isEmpty }.joined(separator: " ")
    do throws(LoadError) {
      entry = try PVHLoader(memory: memory).load(image, name: name, commandLine: line, module: module, rsdp: rsdp)
    } catch { throw .load(error) }
    let place = ProtectedModeEntry(instruction: entry.instruction, information: entry.startInfo)
    do throws(SystemError) { try vcpus[0].prepare(.protectedMode(place)) } catch { throw .system(error) }
  }

  /// Loads a Multiboot kernel and readies the boot vCPU. What else the processor finds is as a PC's BIOS leaves it (§3.2), as far as that
  /// needs no BIOS: the PICs have its vectors.
  /// - Parameters:
  ///   - image: the kernel; its pieces go to the addresses that it names.
  ///   - commandLine: by custom its first word is the kernel's name.
  ///   - modules: in the order in which the kernel is told of them.
  public func load(
    _ image: MultibootImage, commandLine: String, modules: [MultibootLoader.Module]
  ) throws(MachineError) {
    let entry: MultibootLoader.Entry
    let map = MemoryMap.ranges(of: memory, hasTables: rsdp != nil)
    do throws(MultibootError) {
      entry = try MultibootLoader(memory: memory, map: map).load(image, commandLine: commandLine, modules: modules)
    } catch { throw .multiboot(error) }
    let place = ProtectedModeEntry(
      instruction: entry.instruction, accumulator: entry.magic, information: entry.information)
    do throws(SystemError) {
      try virtualMachine.handle.setInterruptVectors(
        first: MemoryMap.interruptVectors.first, second: MemoryMap.interruptVectors.second)
      try vcpus[0].prepare(.protectedMode(place))
    } catch { throw .system(error) }
  }

  /// Loads a Linux kernel, with an initial RAM disk where `initrd` is one, and readies the boot vCPU.
  public func load(_ image: LinuxImage, commandLine: String, initrd: [UInt8]?) throws(MachineError) {
    let places = LinuxLoader.Places(
      bootParameters: MemoryMap.bootParameters, commandLine: MemoryMap.commandLine,
      commandLineSize: MemoryMap.commandLineSize, descriptors: MemoryMap.segments, pageTables: MemoryMap.pageTables)
    let entry: LinuxLoader.Entry
    do throws(LinuxBootError) {
      entry = try LinuxLoader(memory: memory, places: places).load(
        image, initrd: initrd, commandLine: commandLine, rsdp: rsdp,
        map: MemoryMap.ranges(of: memory, hasTables: rsdp != nil))
    } catch { throw .boot(error) }
    do throws(SystemError) { try vcpus[0].prepare(.longMode(entry)) } catch { throw .system(error) }
  }

  /// Runs the machine until it ends or the deadline passes. Blocks.
  /// - Parameters:
  ///   - deadline: `MonotonicClock` time.
  ///   - whenReady: called when every thread of the machine is there and the guest has not begun: the last moment at which the
  ///     process can give up what it needs no longer. An error ends the machine. Nil has no thread wait for the others.
  public func run(
    until deadline: UInt64, whenReady: (() throws(SystemError) -> Void)? = nil
  ) throws(MachineError) -> MachineEnd {
    do throws(SystemError) {
      let line = whenReady == nil ? nil : try StartLine(vcpus.count)
      // Also where not all of them came to it.
      defer { line?.open() }
      for device in devices { try device.start(on: configuration.ioCPUs) }
      for (vcpu, cpu) in zip(vcpus, configuration.vcpuCPUs) { try vcpu.start(on: cpu, line) }
      line?.awaitAll()
      try whenReady?()
    } catch {
      control.finish(.stopped)
      halt()
      throw .system(error)
    }
    let end = control.wait(until: deadline)
    if end == nil { control.finish(.timedOut("")) }
    let places = halt()
    return end ?? .timedOut(places.enumerated().map { "vCPU \($0.offset) \($0.element)" }.joined(separator: "; "))
  }

  /// Ends the machine from any thread.
  public func stop() { control.finish(.stopped) }

  /// Whether its end has come, so that nothing may wait any longer. Any thread.
  public var isEnding: Bool { control.isStopping }

  /// How long a machine's threads have to end, in nanoseconds. A disk that answers is done by then: no more than
  /// `VirtioBlock.mostBytesInFlight` is on its way to it.
  private static let grace: UInt64 = 5_000_000_000

  /// Brings every thread back and says where each vCPU was. One that does not end is left behind, with all that it uses: what it
  /// waits for may still write to the guest's memory.
  @discardableResult
  private func halt() -> [String] {
    let deadline = MonotonicClock.now + Self.grace
    // A vCPU may be waiting for a device that it resets.
    for device in devices { device.stop() }
    for vcpu in vcpus { vcpu.kick() }
    let places = vcpus.map { $0.join(until: deadline) }
    service.stop()
    for device in devices { device.join(until: deadline) }
    return places
  }
}

/// Keeps an event counter alive in an array, which cannot hold it by itself.
final class EventBox: Sendable {
  let event: EventCounter

  init(_ event: consuming EventCounter) {
    self.event = event
  }
}
