import ProbeABI

extension VirtioNetDriver {
  /// The driver as workloads see it, without the functions: C has none for a generic type.
  private static func outline(_ driver: UnsafeMutablePointer<Self>) -> nm_net_device {
    var device = nm_net_device()
    let features = driver.pointee.features
    device.context = UnsafeMutableRawPointer(driver)
    if features & VirtioNetFeatures.checksum != 0 { device.features |= NM_NET_CHECKSUM }
    if features & VirtioNetFeatures.hostTCP4 != 0 { device.features |= NM_NET_SEGMENTATION }
    if features & VirtioNetFeatures.guestTCP4 != 0 { device.features |= NM_NET_LARGE_RECEIVE }
    device.maximum = driver.pointee.maximum
    device.queue_depth = driver.pointee.depth
    let address = driver.pointee.address
    func byte(_ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: address >> (8 * index)) }
    device.address = (byte(0), byte(1), byte(2), byte(3), byte(4), byte(5))
    return device
  }
}

extension VirtioNetDriver where Queue == VirtioQueueSplit {
  /// The driver as workloads see it. `driver` stays where it is for as long as the device is used.
  static func device(_ driver: UnsafeMutablePointer<Self>) -> nm_net_device {
    var device = outline(driver)
    device.send = { context, frame in
      context!.assumingMemoryBound(to: VirtioNetDriver<VirtioQueueSplit>.self).pointee.send(frame!.pointee)
    }
    device.kick = { context in
      context!.assumingMemoryBound(to: VirtioNetDriver<VirtioQueueSplit>.self).pointee.kick()
    }
    device.sent = { context, tags, limit, wait in
      context!.assumingMemoryBound(to: VirtioNetDriver<VirtioQueueSplit>.self).pointee
        .sent(tags!, limit, wait: wait != 0)
    }
    device.receive = { context, frames, limit, wait in
      context!.assumingMemoryBound(to: VirtioNetDriver<VirtioQueueSplit>.self).pointee
        .receive(frames!, limit, wait: wait != 0)
    }
    device.release = { context, _, count in
      context!.assumingMemoryBound(to: VirtioNetDriver<VirtioQueueSplit>.self).pointee.release(count)
    }
    return device
  }
}

extension VirtioNetDriver where Queue == VirtioQueuePacked {
  /// The driver as workloads see it. `driver` stays where it is for as long as the device is used.
  static func device(_ driver: UnsafeMutablePointer<Self>) -> nm_net_device {
    var device = outline(driver)
    device.send = { context, frame in
      context!.assumingMemoryBound(to: VirtioNetDriver<VirtioQueuePacked>.self).pointee.send(frame!.pointee)
    }
    device.kick = { context in
      context!.assumingMemoryBound(to: VirtioNetDriver<VirtioQueuePacked>.self).pointee.kick()
    }
    device.sent = { context, tags, limit, wait in
      context!.assumingMemoryBound(to: VirtioNetDriver<VirtioQueuePacked>.self).pointee
        .sent(tags!, limit, wait: wait != 0)
    }
    device.receive = { context, frames, limit, wait in
      context!.assumingMemoryBound(to: VirtioNetDriver<VirtioQueuePacked>.self).pointee
        .receive(frames!, limit, wait: wait != 0)
    }
    device.release = { context, _, count in
      context!.assumingMemoryBound(to: VirtioNetDriver<VirtioQueuePacked>.self).pointee.release(count)
    }
    return device
  }
}
