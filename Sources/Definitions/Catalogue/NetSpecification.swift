import Results

/// The network interface that a net workload asks for. What it does with frames only the probe needs to know.
public struct NetSpecification: Hashable, Sendable {
  /// What the interface is attached to.
  public enum Wire: String, Sendable, CaseIterable {
    /// Memory of the monitor's process; no kernel.
    case inprocess
    /// A TAP interface of the host's kernel.
    case tap
    /// A pair of the kernel's virtual Ethernet interfaces, through packet sockets.
    case packet
  }

  /// Which way data moves, in workloads that move it one way.
  public enum Direction: String, Sendable, CaseIterable {
    case transmit, receive
  }

  public var wire: Wire
  public var direction: Direction
  public var virtio: VirtioSpecification

  init(_ workload: Workload) {
    wire = workload["wire"].flatMap { Wire(rawValue: $0.text) } ?? .inprocess
    direction = workload["direction"].flatMap { Direction(rawValue: $0.text) } ?? .transmit
    virtio = VirtioSpecification(workload)
  }

  /// The host's kernel serves a TAP only; buses and rings are ways of virtio interfaces.
  func allows(_ mode: Mode) -> Bool {
    switch mode {
    case .vhost: wire == .tap
    case .emulated: virtio.isOpen
    default: true
    }
  }
}
