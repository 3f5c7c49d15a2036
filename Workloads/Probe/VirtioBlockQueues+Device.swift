import ProbeABI

extension VirtioBlockQueues where Queue == VirtioQueueSplit {
  /// Queues as workloads see them: a single one without the way through here.
  /// - Parameter place: where these queues have their place, for as long as the device is used.
  static func device(_ queues: Self, _ place: UnsafeMutablePointer<Self>) -> nm_block_device {
    var device = VirtioBlockDriver<VirtioQueueSplit>.device(queues.drivers)
    guard queues.count > 1 else { return device }
    place.initialize(to: queues)
    device.context = UnsafeMutableRawPointer(place)
    device.queue_depth = queues.depth
    device.submit = { context, request in
      context!.assumingMemoryBound(to: VirtioBlockQueues<VirtioQueueSplit>.self).pointee.submit(request!.pointee)
    }
    device.kick = { context in
      context!.assumingMemoryBound(to: VirtioBlockQueues<VirtioQueueSplit>.self).pointee.kick()
    }
    device.reap = { context, completions, limit, wait in
      context!.assumingMemoryBound(to: VirtioBlockQueues<VirtioQueueSplit>.self).pointee
        .reap(completions!, limit, wait: wait != 0)
    }
    return device
  }
}

extension VirtioBlockQueues where Queue == VirtioQueuePacked {
  /// Queues as workloads see them: a single one without the way through here.
  /// - Parameter place: where these queues have their place, for as long as the device is used.
  static func device(_ queues: Self, _ place: UnsafeMutablePointer<Self>) -> nm_block_device {
    var device = VirtioBlockDriver<VirtioQueuePacked>.device(queues.drivers)
    guard queues.count > 1 else { return device }
    place.initialize(to: queues)
    device.context = UnsafeMutableRawPointer(place)
    device.queue_depth = queues.depth
    device.submit = { context, request in
      context!.assumingMemoryBound(to: VirtioBlockQueues<VirtioQueuePacked>.self).pointee.submit(request!.pointee)
    }
    device.kick = { context in
      context!.assumingMemoryBound(to: VirtioBlockQueues<VirtioQueuePacked>.self).pointee.kick()
    }
    device.reap = { context, completions, limit, wait in
      context!.assumingMemoryBound(to: VirtioBlockQueues<VirtioQueuePacked>.self).pointee
        .reap(completions!, limit, wait: wait != 0)
    }
    return device
  }
}
