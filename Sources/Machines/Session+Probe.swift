import Definitions
import Probe
import Results

/// What the probe is told of a session.
extension SessionContext {
  /// A leg's parameters as the probe gets them: a disk workload also learns the disk's content and whether to wait for
  /// completions by interrupts or to poll for them. Natively it polls: the fastest that a host thread can do is the reference.
  public func parameters(_ leg: PlannedLeg) -> [String: UInt64] {
    var values = leg.entry.numbers
    if let injection, injection.record.kind.reaches(leg) {
      if let delay = injection.guestDelay { values["delay"] = delay }
      if let exits = injection.extraExits { values["extra"] = exits }
    }
    let waits: UInt64 = leg.path.mode != .polled && leg.path.mode != .native ? 1 : 0
    switch leg.entry.work {
    case .kernel, .exit, .boot, .linux: break
    case .net(let net):
      values["wait"] = waits
      if net.direction == .receive { values["direction"] = 1 }
    case .disk(let specification):
      values["wait"] = waits
      values["diskseed"] = disk.seed ?? 0
      if specification.backing == .null || disk.seed == nil { values["verify"] = 0 }
    }
    return values
  }

  /// The job text of a session.
  func jobText(_ session: Session) -> [UInt8] {
    let jobs = session.legs.filter { !$0.entry.isBoot }.map { leg in
      var parameters = parameters(leg)
      if let turns, gate != nil {
        parameters["turns"] = UInt64(turns.rounds * (leg.path.isNative ? TurnPlan.nativeTurns : 1) + 1)
        parameters["rewarm"] = UInt64(Double(turns.rewarm) * Double(tscFrequency) / 1e6)
      }
      return ProbeJob(
        number: leg.job, workload: leg.workload.id, seed: leg.seed, warmup: warmup,
        window: gate == nil ? window(of: leg) : turns?.length ?? window, parameters: parameters)
    }
    return ProbeJob.text(jobs, tscFrequency: tscFrequency)
  }
}

extension Session {
  /// What the probe's command line says about disk and network interface: the driver to use and the rings to ask for.
  var deviceWords: String {
    guard let disk else { return "block=none \(netWords)" }
    if path.mode == .emulated { return "net=none block=ide-\((disk.transfer ?? .dma).rawValue)" }
    var virtio = disk.virtio
    // A back end interrupts by messages.
    if path.mode == .vhostUser { virtio.transport = .pci }
    return "net=none block=\(virtio.words("block"))" + (queue.map { " block_queue=\($0)" } ?? "")
      + (concurrency.queues > 1 ? " block_queues=\(concurrency.queues)" : "")
  }

  /// Most descriptors of a virtio disk's ring; nil for as many as the device has. A packed ring of few costs what one of many does.
  private var queue: UInt64? {
    if let queue = disk?.virtio.queue { return queue }
    let isSingle = legs.allSatisfy { ($0.workload["qd"]?.quantity ?? 1) == 1 }
    return path.mode == .polled && disk?.virtio.ring != .packed && isSingle ? VirtioSpecification.single : nil
  }

  /// The same about the network interface.
  private var netWords: String {
    guard let net else { return "net=none" }
    switch path.mode {
    case .emulated: return "net=e1000"
    case .vhost: return "net=pci"
    default: return "net=\(net.virtio.words("net"))"
    }
  }
}

extension VirtioSpecification {
  var isPCI: Bool { transport == .pci }

  fileprivate func words(_ device: String) -> String {
    (transport ?? .mmio).rawValue + (ring.map { " \(device)_ring=\($0.rawValue)" } ?? "")
  }
}
