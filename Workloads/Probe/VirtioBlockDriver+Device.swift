import ProbeABI

extension VirtioBlockDriver {
  /// The driver as workloads see it, without the functions: C has none for a generic type.
  private static func outline(_ driver: UnsafeMutablePointer<Self>) -> nm_block_device {
    var device = nm_block_device()
    device.context = UnsafeMutableRawPointer(driver)
    device.capacity = driver.pointee.disk.sectors * 512
    device.maximum = driver.pointee.disk.maximum
    device.queue_depth = UInt32(driver.pointee.queue.depth)
    return device
  }
}

extension VirtioBlockDriver where Queue == VirtioQueueSplit {
  /// The driver as workloads see it. `driver` stays where it is for as long as the device is used.
  static func device(_ driver: UnsafeMutablePointer<Self>) -> nm_block_device {
    var device = outline(driver)
    device.submit = { context, request in
      context!.assumingMemoryBound(to: VirtioBlockDriver<VirtioQueueSplit>.self).pointee.submit(request!.pointee)
    }
    device.kick = { context in
      context!.assumingMemoryBound(to: VirtioBlockDriver<VirtioQueueSplit>.self).pointee.kick()
    }
    device.reap = { context, completions, limit, wait in
      VirtioBlockDriver<VirtioQueueSplit>.reap(
        context!.assumingMemoryBound(to: VirtioBlockDriver<VirtioQueueSplit>.self), completions!, limit, wait: wait != 0
      )
    }
    return device
  }
}

extension VirtioBlockDriver where Queue == VirtioQueuePacked {
  /// The driver as workloads see it. `driver` stays where it is for as long as the device is used.
  static func device(_ driver: UnsafeMutablePointer<Self>) -> nm_block_device {
    var device = outline(driver)
    device.submit = { context, request in
      context!.assumingMemoryBound(to: VirtioBlockDriver<VirtioQueuePacked>.self).pointee.submit(request!.pointee)
    }
    device.kick = { context in
      context!.assumingMemoryBound(to: VirtioBlockDriver<VirtioQueuePacked>.self).pointee.kick()
    }
    device.reap = { context, completions, limit, wait in
      VirtioBlockDriver<VirtioQueuePacked>.reap(
        context!.assumingMemoryBound(to: VirtioBlockDriver<VirtioQueuePacked>.self), completions!, limit,
        wait: wait != 0)
    }
    return device
  }
}
