import CKVM
import CLinux
import LinuxSystem
import SystemPackage

/// Where a doorbell rings.
public struct Doorbell: Hashable, Sendable {
  /// The address space of the guest's write.
  public enum Space: Sendable { case port, memory }

  public var space: Space
  public var address: UInt64
  /// Bytes that the write must have: 1, 2, 4 or 8; 0 takes any.
  public var width: UInt32
  /// The value that the write must have; nil takes any.
  public var match: UInt64?

  public init(_ space: Space, _ address: UInt64, width: UInt32, match: UInt64? = nil) {
    self.space = space
    self.address = address
    self.width = width
    self.match = match
  }
}

/// One entry of the interrupt routing table: from a global system interrupt to what it delivers.
public enum InterruptRoute: Hashable, Sendable {
  /// A pin of the IOAPIC, and of the PIC for pins below 16.
  case pin(gsi: UInt32)
  /// A message-signalled interrupt.
  case message(gsi: UInt32, address: UInt64, data: UInt32)
}

extension VirtualMachine {
  /// Has the kernel signal an eventfd when the guest writes to a doorbell: the vCPU does not leave to user space.
  public borrowing func attach(_ event: borrowing EventCounter, to doorbell: Doorbell) throws(SystemError) {
    try setDoorbell(event.rawValue, doorbell, detach: false)
  }

  /// Undoes `attach` with the same two arguments.
  public borrowing func detach(_ event: borrowing EventCounter, from doorbell: Doorbell) throws(SystemError) {
    try setDoorbell(event.rawValue, doorbell, detach: true)
  }

  /// `attach` for an eventfd that the caller does not own. It stays open until `detach`.
  public borrowing func attach(eventDescriptor: Int32, to doorbell: Doorbell) throws(SystemError) {
    try setDoorbell(eventDescriptor, doorbell, detach: false)
  }

  /// Undoes `attach(eventDescriptor:to:)` with the same two arguments.
  public borrowing func detach(eventDescriptor: Int32, from doorbell: Doorbell) throws(SystemError) {
    try setDoorbell(eventDescriptor, doorbell, detach: true)
  }

  private borrowing func setDoorbell(_ event: Int32, _ doorbell: Doorbell, detach: Bool) throws(SystemError) {
    var request = kvm_ioeventfd()
    request.fd = event
    request.addr = doorbell.address
    request.len = doorbell.width
    if doorbell.space == .port { request.flags |= 1 << UInt32(kvm_ioeventfd_flag_nr_pio) }
    if let match = doorbell.match {
      request.flags |= 1 << UInt32(kvm_ioeventfd_flag_nr_datamatch)
      request.datamatch = match
    }
    if detach { request.flags |= 1 << UInt32(kvm_ioeventfd_flag_nr_deassign) }
    try Request.structure(
      descriptor.rawValue, nm_KVM_IOEVENTFD, &request,
      "\(detach ? "detach" : "attach") a doorbell at 0x\(String(doorbell.address, radix: 16))")
  }

  /// Has every signal of an eventfd pulse a global system interrupt.
  public borrowing func attach(_ event: borrowing EventCounter, toInterrupt gsi: UInt32) throws(SystemError) {
    var request = kvm_irqfd()
    request.fd = UInt32(event.rawValue)
    request.gsi = gsi
    try Request.structure(descriptor.rawValue, nm_KVM_IRQFD, &request, "attach an eventfd to interrupt \(gsi)")
  }

  /// Undoes `attach` with the same two arguments.
  public borrowing func detach(_ event: borrowing EventCounter, fromInterrupt gsi: UInt32) throws(SystemError) {
    var request = kvm_irqfd()
    request.fd = UInt32(event.rawValue)
    request.gsi = gsi
    request.flags = UInt32(KVM_IRQFD_FLAG_DEASSIGN)
    try Request.structure(descriptor.rawValue, nm_KVM_IRQFD, &request, "detach an eventfd from interrupt \(gsi)")
  }

  /// Sets the level of an interrupt line from user space.
  public borrowing func setLine(_ gsi: UInt32, high: Bool) throws(SystemError) {
    var level = kvm_irq_level()
    level.irq = gsi
    level.level = high ? 1 : 0
    try Request.structure(descriptor.rawValue, nm_KVM_IRQ_LINE, &level, "set interrupt line \(gsi)")
  }

  /// Sets the vectors that the inputs of the two PICs have from the first on (Intel 8259A datasheet, ICW2), as a PC's firmware does.
  /// - Parameters:
  ///   - first: of the PIC with inputs 0 to 7; its lowest three bits are 0.
  ///   - second: of the one with inputs 8 to 15.
  public borrowing func setInterruptVectors(first: UInt8, second: UInt8) throws(SystemError) {
    for (chip, vector) in [(KVM_IRQCHIP_PIC_MASTER, first), (KVM_IRQCHIP_PIC_SLAVE, second)] {
      var state = kvm_irqchip()
      state.chip_id = UInt32(chip)
      try Request.structure(descriptor.rawValue, nm_KVM_GET_IRQCHIP, &state, "read a PIC's state")
      unsafe state.chip.pic.irq_base = vector
      try Request.structure(descriptor.rawValue, nm_KVM_SET_IRQCHIP, &state, "set a PIC's vectors")
    }
  }

  /// Replaces the whole interrupt routing table.
  public borrowing func setRoutes(_ routes: [InterruptRoute]) throws(SystemError) {
    let entries = routes.flatMap(Self.entries)
    let bytes = MemoryLayout<kvm_irq_routing>.size + entries.count * MemoryLayout<kvm_irq_routing_entry>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
    defer { unsafe memory.deallocate() }
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    let table = unsafe memory.assumingMemoryBound(to: kvm_irq_routing.self)
    unsafe table.pointee.nr = UInt32(entries.count)
    let first = unsafe nm_routing_entries(table)!
    for (index, entry) in entries.enumerated() { unsafe first[index] = entry }
    try unsafe Request.raw(descriptor.rawValue, nm_KVM_SET_GSI_ROUTING, memory, "set the interrupt routes")
  }

  private static func entries(_ route: InterruptRoute) -> [kvm_irq_routing_entry] {
    switch route {
    case .pin(let gsi):
      var all = [chip(gsi, UInt32(KVM_IRQCHIP_IOAPIC), gsi)]
      if gsi < 8 { all.append(chip(gsi, UInt32(KVM_IRQCHIP_PIC_MASTER), gsi)) }
      if (8..<16).contains(gsi) { all.append(chip(gsi, UInt32(KVM_IRQCHIP_PIC_SLAVE), gsi - 8)) }
      return all
    case .message(let gsi, let address, let data):
      var entry = kvm_irq_routing_entry()
      entry.gsi = gsi
      entry.type = UInt32(KVM_IRQ_ROUTING_MSI)
      unsafe entry.u.msi.address_lo = UInt32(truncatingIfNeeded: address)
      unsafe entry.u.msi.address_hi = UInt32(address >> 32)
      unsafe entry.u.msi.data = data
      return [entry]
    }
  }

  private static func chip(_ gsi: UInt32, _ chip: UInt32, _ pin: UInt32) -> kvm_irq_routing_entry {
    var entry = kvm_irq_routing_entry()
    entry.gsi = gsi
    entry.type = UInt32(KVM_IRQ_ROUTING_IRQCHIP)
    unsafe entry.u.irqchip.irqchip = chip
    unsafe entry.u.irqchip.pin = pin
    return entry
  }
}
