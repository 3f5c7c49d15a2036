import ProbeABI

extension E1000Driver {
  /// The driver as workloads see it. `driver` stays where it is for as long as the device is used.
  static func device(_ driver: UnsafeMutablePointer<Self>) -> nm_net_device {
    var device = nm_net_device()
    device.context = UnsafeMutableRawPointer(driver)
    if driver.pointee.hasOffloads { device.features = NM_NET_CHECKSUM | NM_NET_SEGMENTATION }
    device.maximum = driver.pointee.maximum
    device.queue_depth = depth
    let address = driver.pointee.address
    func byte(_ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: address >> (8 * index)) }
    device.address = (byte(0), byte(1), byte(2), byte(3), byte(4), byte(5))
    device.send = { context, frame in
      context!.assumingMemoryBound(to: E1000Driver.self).pointee.send(frame!.pointee)
    }
    device.kick = { context in context!.assumingMemoryBound(to: E1000Driver.self).pointee.kick() }
    device.sent = { context, tags, limit, wait in
      context!.assumingMemoryBound(to: E1000Driver.self).pointee.sent(tags!, limit, wait: wait != 0)
    }
    device.receive = { context, frames, limit, wait in
      context!.assumingMemoryBound(to: E1000Driver.self).pointee.receive(frames!, limit, wait: wait != 0)
    }
    device.release = { context, _, count in
      context!.assumingMemoryBound(to: E1000Driver.self).pointee.release(count)
    }
    return device
  }
}
