import Devices
import KVM
import LinuxSystem
import Synchronization

/// The machine's handle for those that rewire it while it runs, and its interrupt routing table.
final class SharedVirtualMachine: Sendable {
  let handle: KVM.VirtualMachine
  /// Messages by interrupt number.
  private let messages = Mutex<[UInt32: InterruptMessage]>([:])

  private let counters: KVMStatistics?

  init(_ handle: consuming KVM.VirtualMachine) {
    counters = try? handle.statistics()
    self.handle = handle
  }

  /// The names of what KVM counts for the machine as a whole, and the counts now in the same order; empty where KVM does not
  /// count. Any thread.
  var countNames: [String] {
    switch counters {
    case .some(let counters): counters.valueNames
    case .none: []
    }
  }

  func counts() -> [UInt64] {
    switch counters {
    case .some(let counters): (try? counters.values()) ?? [UInt64](repeating: 0, count: counters.valueNames.count)
    case .none: []
    }
  }

  /// What those counters mean; empty where KVM does not count.
  var statisticDescriptions: [StatisticDescription] {
    switch counters {
    case .some(let counters): counters.descriptions
    case .none: []
    }
  }

  /// Sets what an interrupt above the pins delivers; nil for nothing. An address that KVM refuses delivers nothing.
  func route(_ gsi: UInt32, to message: InterruptMessage?) {
    messages.withLock { messages in
      messages[gsi] = message
      let pins = (0..<MemoryMap.pinCount).map { InterruptRoute.pin(gsi: $0) }
      let others = messages.sorted { $0.key < $1.key }.map {
        InterruptRoute.message(gsi: $0.key, address: $0.value.address, data: $0.value.data)
      }
      try? handle.setRoutes(pins + others)
    }
  }
}

/// An interrupt input, pulsed through an eventfd that KVM watches: no vCPU leaves the guest for it.
final class EventLine: InterruptLine {
  private let event: EventCounter

  init(_ machine: SharedVirtualMachine, gsi: UInt32) throws(SystemError) {
    let event = try EventCounter()
    try machine.handle.attach(event, toInterrupt: gsi)
    self.event = event
  }

  func pulse() { event.signal() }
  var rawValue: Int32 { event.rawValue }
}

/// A level-triggered interrupt input that one device drives, set by a request to KVM.
final class LevelLine: InterruptLine {
  private let machine: SharedVirtualMachine
  private let gsi: UInt32

  init(_ machine: SharedVirtualMachine, gsi: UInt32) {
    self.machine = machine
    self.gsi = gsi
  }

  func pulse() { try? machine.handle.setLine(gsi, high: true) }
  func lower() { try? machine.handle.setLine(gsi, high: false) }
}

/// The message-signalled interrupts of one function: an interrupt number with an eventfd for each vector.
final class EventMessages: MessageInterrupts {
  private let machine: SharedVirtualMachine
  private let lines: [EventLine]
  private let first: UInt32

  /// - Parameters:
  ///   - first: number of the first vector's interrupt, above the IOAPIC's pins.
  ///   - count: vectors.
  init(_ machine: SharedVirtualMachine, first: UInt32, count: Int) throws(SystemError) {
    self.machine = machine
    self.first = first
    var lines: [EventLine] = []
    for vector in 0..<count { lines.append(try EventLine(machine, gsi: first + UInt32(vector))) }
    self.lines = lines
  }

  func set(vector: Int, message: InterruptMessage?) {
    guard lines.indices.contains(vector) else { return }
    machine.route(first + UInt32(vector), to: message)
  }

  func event(vector: Int) -> Int32? { lines.indices.contains(vector) ? lines[vector].rawValue : nil }

  func pulse(vector: Int) {
    if lines.indices.contains(vector) { lines[vector].pulse() }
  }
}
