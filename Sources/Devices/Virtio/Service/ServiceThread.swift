import LinuxSystem

/// What an I/O thread has of its own, for every session that it serves.
struct ServiceThread: ~Copyable {
  let mode: ServiceMode
  let waiter: ServiceWaiter
  /// Memory that belongs to no guest.
  let scratch: Mapping

  /// - Parameters:
  ///   - doorbell: ends the thread's sleep; it outlives the thread.
  ///   - scratch: bytes of memory.
  init(mode: ServiceMode, doorbell: borrowing EventCounter, scratch: Int) throws(SystemError) {
    let waiter = try ServiceWaiter()
    try waiter.add(doorbell.rawValue)
    let memory = try Mapping.anonymous(count: scratch)
    self.mode = mode
    self.waiter = waiter
    self.scratch = memory
  }
}
