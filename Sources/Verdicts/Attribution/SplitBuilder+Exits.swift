import Results

extension SplitBuilder {
  /// What every mode counts: doorbells, and accesses that the monitor answers.
  mutating func addExits() {
    // An IDE drive has no doorbells.
    if subject.path.mode != .emulated {
      add(
        .doorbells, "doorbells, answered in the kernel", counter: "monitor.doorbells",
        cost: "exits.mmio.doorbell.match")
    }
    add(.exits, "port writes, answered by the monitor", counter: "monitor.port_writes", cost: "exits.pio.user.write")
    add(.exits, "port reads, answered by the monitor", counter: "monitor.port_reads", cost: "exits.pio.user")
    add(
      .exits, "register writes, answered by the monitor", counter: "monitor.mmio_writes",
      cost: "exits.mmio.user.write")
    add(.exits, "register reads, answered by the monitor", counter: "monitor.mmio_reads", cost: "exits.mmio.user")
  }
}
