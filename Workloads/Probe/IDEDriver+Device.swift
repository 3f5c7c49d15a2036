import ProbeABI

extension IDEDriver {
  /// The driver as workloads see it. `driver` stays where it is for as long as the device is used.
  static func device(_ driver: UnsafeMutablePointer<IDEDriver>) -> nm_block_device {
    nm_block_device(
      context: UnsafeMutableRawPointer(driver),
      capacity: driver.pointee.sectors * 512,
      maximum: maximum,
      queue_depth: UInt32(depth),
      submit: { context, request in
        guard let context, let request else { return -22 }
        return context.assumingMemoryBound(to: IDEDriver.self).pointee.submit(request.pointee)
      },
      kick: { context in
        context?.assumingMemoryBound(to: IDEDriver.self).pointee.kick()
      },
      reap: { context, completions, limit, wait in
        guard let context, let completions else { return 0 }
        let driver = context.assumingMemoryBound(to: IDEDriver.self)
        var stored: UInt32 = 0
        // Waits for the first completion only; more are taken as far as they are there.
        while stored < limit, driver.pointee.reap(&completions[Int(stored)], wait: wait != 0 && stored == 0) {
          stored += 1
          // The next request has just been started: looking at it at once would only cost an access.
          if driver.pointee.isRunning { break }
        }
        return stored
      })
  }
}
