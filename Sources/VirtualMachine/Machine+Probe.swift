import Devices
import GuestMemory
import KVM
import LinuxSystem
import ProbeABI

/// What the probe's machine has besides, for its workloads and for the harness.
extension Machine {
  func attachProbeDevices(
    outbox: (([UInt8]) -> Void)?, marker: @escaping (UInt32) -> Void, turn: (() -> UInt32)?
  ) throws(BusOverlap) {
    let service = service
    if let outbox {
      try spaces.ports.attach(OutboxPort(memory: memory, take: outbox), name: "outbox", at: MemoryMap.outbox)
    }
    if let turn {
      let devices = devices
      let port = QuestionPort {
        for device in devices { device.park(true) }
        service.park(true)
        defer {
          for device in devices { device.park(false) }
          service.park(false)
        }
        return turn()
      }
      try spaces.ports.attach(port, name: "turn", at: MemoryMap.turn)
    }
    try spaces.ports.attach(SignalPort(marker), name: "marker", at: MemoryMap.marker)
    try spaces.ports.attach(EchoPort(), name: "echo", at: MemoryMap.echo)
    try spaces.memory.attach(
      TestDevice(interruptPin: MemoryMap.testInterrupt, service: service), name: "test device",
      at: MemoryMap.testDevice)
  }

  /// The doorbells that the `exits` workloads ring. No thread waits for them: what is measured is the guest and the kernel alone.
  static func attachDoorbells(_ machine: borrowing KVM.VirtualMachine) throws(SystemError) -> [EventBox] {
    let value = UInt64(NM_DOORBELL_VALUE)
    let device = UInt64(NM_TEST_DEVICE)
    let places = [
      Doorbell(.port, UInt64(NM_PORT_DOORBELL), width: 4),
      Doorbell(.port, UInt64(NM_PORT_DOORBELL_MATCH), width: 4, match: value),
      Doorbell(.memory, device + UInt64(NM_TEST_DOORBELL), width: 4),
      Doorbell(.memory, device + UInt64(NM_TEST_DOORBELL_MATCH), width: 4, match: value),
    ]
    var boxes: [EventBox] = []
    for place in places {
      let box = EventBox(try EventCounter())
      try machine.attach(box.event, to: place)
      boxes.append(box)
    }
    return boxes
  }
}
