import Definitions
import LinuxSystem
import Probe
import Results

/// QEMU's command line for a session.
struct QEMUCommand {
  let session: Session
  let context: SessionContext
  /// Nil for a session without one.
  let disk: LegDisk?

  private var vcpus: Int { context.cpus.io == nil || session.hasDevice ? 1 : 2 }

  /// The whole command line but the program's name.
  /// - Parameter module: path of the job text.
  func arguments(module: String) -> [String] {
    arguments(
      kernel: context.image.path, initrd: module,
      append: "tsc_khz=\(context.tscFrequency) cpus=\(vcpus) \(session.deviceWords)")
  }

  /// The same for any kernel, by paths that QEMU opens.
  func arguments(kernel: String, initrd: String, append: String) -> [String] {
    [
      "-name", "nearmetal,debug-threads=on", "-M", "\(model),accel=kvm", "-cpu", "host,-arch-capabilities",
      "-m", "\(context.memoryBytes >> 20)", "-smp", "\(vcpus)", "-kernel", kernel, "-initrd", initrd,
      "-append", append, "-nodefaults",
      "-no-user-config",
      "-display", "none",
      // What patches 32-bit guests' accesses to the task priority: each of them comes to QEMU otherwise, which writes the processor's
      // state back. Its task register is busy then, as on hardware, and QEMU's own TCG below KVM lets no port through one that is.
      "-global", "apic-common.vapic=off",
      // A session of our own monitor is confined too.
      "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
      "-no-reboot", "-chardev", "stdio,id=records,signal=off", "-serial", "chardev:records",
      "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
    ] + memoryArguments + diskArguments + netArguments
  }

  /// RAM on the plan's pages and node; without either it is QEMU's own affair.
  private var memoryArguments: [String] {
    let plan = context.memory
    guard plan.pages == .reserved || (plan.nodeCount > 1 && plan.node != nil) else { return [] }
    let kind =
      plan.pages == .reserved ? "memory-backend-memfd,hugetlb=on,hugetlbsize=2M,share=off" : "memory-backend-ram"
    let place = plan.node.map { plan.nodeCount > 1 ? ",host-nodes=\($0),policy=bind" : "" } ?? ""
    return [
      "-object", "\(kind),id=ram,size=\(context.memoryBytes >> 20)M\(place)", "-machine", "memory-backend=ram",
    ]
  }

  /// The leanest machine type that has the device. Without ACPI, microvm names its devices on the command line. Its interrupt
  /// controllers are in the kernel at the cost of an exit to each; beside a disk the split ones are faster, since then no
  /// line stays raised that the driver would have to acknowledge.
  private var model: String {
    if session.linux != nil { return session.path.mode == .emulated ? "pc" : "q35" }
    guard let virtio = session.disk?.virtio ?? session.net?.virtio else { return "microvm,acpi=off,kernel-irqchip=on" }
    if session.path.mode == .emulated { return "pc" }
    return virtio.isPCI ? "q35" : "microvm,acpi=off,kernel-irqchip=split"
  }

  /// The disk: with an I/O thread of its own and io_uring, the fastest that QEMU has.
  private var diskArguments: [String] {
    guard let wanted = session.disk, let disk else { return [] }
    let path = QEMUProgram.word(disk.peer.path)
    let cache = wanted.backing == .file ? "writeback" : "none"
    // Legs that take turns are all there at once, each with the image open.
    let unlocked = (["file"] + (0..<disk.peer.extents).map { "extents.\($0)" }).map { "\($0).locking=off" }
    let words =
      ["id=disk", "format=\(disk.peer.driver)", "file=\(path)"] + unlocked
      + ["cache=\(cache)", "aio=io_uring"] + (disk.isReadOnly ? ["readonly=on"] : [])
    let drive = words.joined(separator: ",")
    if session.path.mode == .emulated { return ["-drive", "if=ide,\(drive)"] }
    return [
      "-object", "iothread,id=io", "-drive", "if=none,\(drive)", "-global", "virtio-mmio.force-legacy=false",
      "-device", "\(device("blk", wanted.virtio)),drive=disk,iothread=io\(packed(wanted.virtio))",
    ]
  }

  /// The network interface: a TAP like the one of the other legs, whose descriptor QEMU inherits as the first. virtio-net has no I/O
  /// thread of its own in QEMU; its main loop moves the frames.
  private var netArguments: [String] {
    guard let net = session.net else { return [] }
    let backend = ["-netdev", "tap,id=net,fd=\(ChildProcess.passed),vhost=off"]
    // Nothing is booted from a network: no firmware of the interface's own.
    if session.path.mode == .emulated { return backend + ["-device", "e1000,netdev=net,romfile="] }
    return backend + [
      "-global", "virtio-mmio.force-legacy=false", "-device",
      "\(device("net", net.virtio)),netdev=net\(net.virtio.isPCI ? ",romfile=" : "")\(packed(net.virtio))",
    ]
  }

  private func device(_ kind: String, _ virtio: VirtioSpecification) -> String {
    virtio.isPCI ? "virtio-\(kind)-pci,disable-legacy=on" : "virtio-\(kind)-device"
  }

  private func packed(_ virtio: VirtioSpecification) -> String { virtio.ring == .packed ? ",packed=on" : "" }
}
