import Results

/// A workload of a suite with its parameters, checked: after this, nothing looks a name or a word up again.
public struct SuiteEntry: Sendable {
  /// What the workload works with, by kind.
  public enum Work: Hashable, Sendable {
    /// Processor and memory alone.
    case kernel
    /// What it costs to leave a guest.
    case exit
    /// Booting itself.
    case boot
    case disk(DiskSpecification)
    case net(NetSpecification)
    /// An operating system's own work.
    case linux(LinuxSpecification)
  }

  public let workload: Workload
  public let definition: WorkloadDefinition
  public let work: Work
  /// Machines that it runs on; never empty.
  public let machines: Set<Machine>
  /// Modes that it runs in besides `native`; nil for all that it has but those that have to be asked for.
  public let modes: Set<Mode>?
  /// Nanoseconds that its legs measure; nil for as many as the suite's others do.
  public var window: UInt64?
  /// The CPUs and the node that it has of its own, in a matrix of nodes.
  public var placement: EntryPlacement?

  /// - Parameters:
  ///   - workload: with parameters that the definition allows.
  ///   - definition: what the workload's id stands for.
  ///   - machines: that it runs on; never empty.
  ///   - modes: that it runs in besides `native`; nil for all that it has but those that have to be asked for.
  public init(
    _ workload: Workload, _ definition: WorkloadDefinition, machines: Set<Machine>, modes: Set<Mode>? = nil
  ) {
    self.workload = workload
    self.definition = definition
    self.machines = machines
    self.modes = modes?.union([.native])
    work =
      switch definition.kind {
      case .compute, .bandwidth, .latency, .operations: .kernel
      case .exits: .exit
      case .boot: .boot
      case .block: .disk(DiskSpecification(workload))
      case .net: .net(NetSpecification(workload))
      case .linux: .linux(LinuxSpecification(workload))
      }
  }

  public var kind: WorkloadDefinition.Kind { definition.kind }

  /// The disk that it needs; nil for other workloads.
  public var disk: DiskSpecification? {
    switch work {
    case .disk(let disk): disk
    case .linux(let linux): linux.disk
    case .kernel, .exit, .boot, .net: nil
    }
  }

  /// The network interface that it needs; nil for other workloads.
  public var net: NetSpecification? {
    switch work {
    case .net(let net): net
    case .linux(let linux): linux.net
    case .kernel, .exit, .boot, .disk: nil
    }
  }

  /// What it does under Linux; nil for other workloads.
  public var linux: LinuxSpecification? { if case .linux(let linux) = work { linux } else { nil } }

  public var isBoot: Bool { work == .boot }

  /// Guests that it starts at once; nil for a workload of one guest.
  public var crowd: Int? {
    guard definition.takesCrowd else { return nil }
    return Int(numbers[WorkloadDefinition.crowd] ?? Self.usualCrowd)
  }

  private static let usualCrowd: UInt64 = 50

  /// Numbers that were given, by parameter: what the probe needs of them.
  public var numbers: [String: UInt64] {
    workload.parameters.filter { definition.parameter($0.key)?.isNumber ?? false }.compactMapValues(\.quantity)
  }

  /// The paths that it takes, in the catalogue's order.
  public var paths: [Path] { definition.paths.filter(takes) }

  private func takes(_ path: Path) -> Bool {
    guard machines.contains(path.machine), modes?.contains(path.mode) ?? !path.mode.isOnRequest else { return false }
    switch work {
    case .disk(let disk): return disk.allows(path.mode)
    case .net(let net): return net.allows(path.mode)
    case .kernel, .exit, .boot, .linux: return true
    }
  }
}

/// CPUs and memory of an entry that has a place of its own.
public struct EntryPlacement: Sendable, Hashable {
  /// CPU of the workload's thread.
  public let vcpu: Int
  /// CPU of the I/O thread; nil on a node with one CPU.
  public let io: Int?
  /// CPUs' node, and the node of the memory.
  public let node: Int
  public let memory: Int

  public init(vcpu: Int, io: Int?, node: Int, memory: Int) {
    (self.vcpu, self.io, self.node, self.memory) = (vcpu, io, node, memory)
  }
}

extension SuiteEntry {
  /// The same at a place of its own, which its name then says.
  public func placed(at placement: EntryPlacement) -> SuiteEntry {
    var parameters = workload.parameters
    parameters[Self.cpuNode] = parameters[Self.cpuNode] ?? ParameterValue("\(placement.node)")
    parameters[Self.memoryNode] = parameters[Self.memoryNode] ?? ParameterValue("\(placement.memory)")
    var entry = SuiteEntry(Workload(workload.id, parameters), definition, machines: machines, modes: modes)
    entry.window = window
    entry.placement = placement
    return entry
  }

  /// The same on fewer machines.
  /// - Parameter machines: never empty, each one of its own.
  func restricted(to machines: Set<Machine>) -> SuiteEntry {
    var entry = SuiteEntry(workload, definition, machines: machines, modes: modes)
    entry.window = window
    entry.placement = placement
    return entry
  }

  /// Parameters that a matrix of nodes gives every workload.
  static let cpuNode = "cpu.node"
  static let memoryNode = "memory.node"
}
