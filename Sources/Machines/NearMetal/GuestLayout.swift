import Definitions
import Devices
import Results
import Storage
import VirtualMachine

/// What the guest of a session consists of, and what its command line says.
struct GuestLayout {
  let session: Session
  let context: SessionContext

  private var threads: ThreadPlacement { ThreadPlacement(context.cpus, session.concurrency) }

  /// A second vCPU is there for interrupts between processors; beside a device its CPU belongs to the I/O thread.
  private var vcpus: [Int?] {
    guard !session.hasDevice, let other = context.cpus.io else { return threads.vcpus }
    return [context.cpus.workload, other]
  }

  var commandLine: String { "tsc_khz=\(context.tscFrequency) cpus=\(vcpus.count) \(session.deviceWords)" }

  /// - Parameter backend: what serves the disk in the mode `vhost-user`.
  func configuration(
    _ disk: LegDisk?, _ net: NetConfiguration?, backend: VhostUserBackend? = nil
  ) -> MachineConfiguration {
    let disk = backend.map { DiskConfiguration(vhostUser: $0) } ?? disk.flatMap(self.configuration)
    var configuration = MachineConfiguration(
      memory: context.memoryBytes, pages: context.memory.pages, vcpuCPUs: vcpus,
      disks: [disk].compactMap(\.self), nets: [net].compactMap(\.self),
      exitDelay: context.injection?.exitDelay ?? 0)
    configuration.ioCPUs = threads.io
    return configuration
  }

  private func configuration(_ disk: LegDisk) -> DiskConfiguration? {
    guard let wanted = session.disk else { return nil }
    let mode = session.path.mode
    let service: ServiceMode = mode == .polled ? .polled() : .notified
    let attachment: DiskConfiguration.Attachment =
      mode == .emulated ? .ide : wanted.virtio.isPCI ? .virtioPCI(service) : .virtioMMIO(service)
    return DiskConfiguration(
      disk.backing, attachment: attachment, isReadOnly: disk.isReadOnly,
      options: BlockOptions(queues: wanted.concurrency.queues, threads: wanted.concurrency.ioThreads),
      delay: context.injection?.diskDelay)
  }
}
