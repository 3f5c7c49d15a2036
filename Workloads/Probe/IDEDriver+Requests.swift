import PortIO
import ProbeABI

extension IDEDriver {
  private enum Failure {
    static var inputOutput: Int32 { -5 }
    static var again: Int32 { -11 }
    static var fault: Int32 { -14 }
    static var invalid: Int32 { -22 }
  }

  // MARK: Queue

  /// Puts a request into the ring. Returns a negative errno for one that the drive cannot do.
  mutating func submit(_ request: nm_block_request) -> Int32 {
    guard count < Self.depth else { return Failure.again }
    if request.operation != UInt16(NM_BLOCK_FLUSH.rawValue) {
      guard request.length > 0, request.length <= Self.maximum, (request.offset | UInt64(request.length)) & 511 == 0,
        request.offset / 512 + UInt64(request.length / 512) <= sectors,
        request.operation <= UInt16(NM_BLOCK_WRITE.rawValue)
      else { return Failure.invalid }
      let address = UInt64(UInt(bitPattern: request.buffer))
      guard address & 1 == 0, address != 0, master == 0 || address + UInt64(request.length) <= 1 << 32 else {
        return Failure.fault
      }
    }
    ring[(head + count) % Self.depth] = request
    count += 1
    return 0
  }

  /// Starts the first request of the ring where the drive is idle.
  mutating func kick() {
    if !isRunning, count > 0 { start(ring[head]) }
  }

  /// Finishes the running request, if it is done or `wait` says to wait for it, and starts the next one.
  mutating func reap(_ completion: inout nm_block_completion, wait: Bool) -> Bool {
    kick()
    guard isRunning else { return false }
    if waitForInterrupt != nil { useInterrupts(wait) }
    var deadline = nm_tsc() &+ timeout
    while true {
      if wait, awaitsInterrupt, let waitForInterrupt {
        if waitForInterrupt(waitContext, deadline) == 0 { return false }
      }
      let before = position
      if let status = step(ring[head]) {
        completion = nm_block_completion(tag: ring[head].tag, reserved: 0, status: status)
        head = (head + 1) % Self.depth
        count -= 1
        isRunning = false
        kick()
        return true
      }
      if position != before {
        deadline = nm_tsc() &+ timeout
      } else if !wait || nm_tsc() > deadline {
        return false
      }
    }
  }

  /// Turns the drive's interrupt on for those who wait and off for those who poll. What runs may be done already,
  /// without an interrupt: its next step is polled for.
  private mutating func useInterrupts(_ on: Bool) {
    guard on != usesInterrupts else { return }
    usesInterrupts = on
    registers.enableInterrupts(on)
    awaitsInterrupt = false
  }

  // MARK: One request

  private mutating func start(_ request: nm_block_request) {
    isRunning = true
    position = 0
    awaitsInterrupt = true
    if request.operation == UInt16(NM_BLOCK_FLUSH.rawValue) {
      registers.issue(IDERegisters.Code.flush)
      return
    }
    let reads = request.operation == UInt16(NM_BLOCK_READ.rawValue)
    let sector = request.offset / 512
    let amount = request.length / 512
    // The short form takes four accesses less.
    let extended = hasExtended && (sector + UInt64(amount) > 0x0fff_ffff || amount > 256)
    if master != 0 {
      fillTable(request)
      let code: UInt8 = reads ? (extended ? 0x25 : 0xc8) : (extended ? 0x35 : 0xca)
      registers.issue(code, sector: sector, count: amount, extended: extended)
      outb(master, reads ? 9 : 1)
    } else {
      let code: UInt8 = reads ? (extended ? 0x29 : 0xc4) : (extended ? 0x39 : 0xc5)
      registers.issue(code, sector: sector, count: amount, extended: extended)
      awaitsInterrupt = reads  // the first request for data to write comes without one
    }
  }

  /// One descriptor for each piece that does not cross 64 KiB.
  private func fillTable(_ request: nm_block_request) {
    guard let table else { return }
    var address = UInt64(UInt(bitPattern: request.buffer))
    let end = address + UInt64(request.length)
    var index = 0
    while address < end {
      let next = min((address + 0x1_0000) & ~0xffff, end)
      table[index] = address | (next - address & 0xffff) << 32 | (next == end ? 1 << 63 : 0)
      index += 1
      address = next
    }
  }

  /// Looks at the drive once and does what it is ready for. Returns the request's status once it is over.
  private mutating func step(_ request: nm_block_request) -> Int32? {
    let status = registers.status
    if status & IDERegisters.Status.busy != 0 { return nil }
    let isBroken = status & (IDERegisters.Status.error | IDERegisters.Status.fault) != 0
    let wantsData = status & IDERegisters.Status.dataRequest != 0
    if request.operation == UInt16(NM_BLOCK_FLUSH.rawValue) { return isBroken ? Failure.inputOutput : 0 }
    if master != 0 {
      // While the bus master works, the drive shows busy or its request for data.
      return wantsData && !isBroken && inb(master + 2) & 2 == 0 ? nil : finishMaster(isBroken || wantsData)
    }
    if isBroken { return Failure.inputOutput }
    let reads = request.operation == UInt16(NM_BLOCK_READ.rawValue)
    if wantsData { return moveBlock(request, reads: reads) }
    return !reads && position == request.length ? 0 : nil
  }

  /// Stops the bus master and clears what it reports, if anything: without interrupts a good end reports nothing.
  private func finishMaster(_ isBroken: Bool) -> Int32 {
    outb(master, 0)
    let status = inb(master + 2)
    if status & 6 != 0 { outb(master + 2, 0x26) }
    return isBroken || status & 2 != 0 ? Failure.inputOutput : 0
  }

  private mutating func moveBlock(_ request: nm_block_request, reads: Bool) -> Int32? {
    let size = min(block * 512, request.length - position)
    guard size > 0, let buffer = request.buffer else { return Failure.inputOutput }
    if reads {
      insw(registers.command, buffer + Int(position), UInt64(size / 2))
    } else {
      outsw(registers.command, buffer + Int(position), UInt64(size / 2))
    }
    position += size
    awaitsInterrupt = true
    return reads && position == request.length ? 0 : nil
  }
}
