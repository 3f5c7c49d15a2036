import LinuxSystem
import Synchronization
import VirtualMachine

/// Guests that run side by side, each on a thread of its own, and are stopped together.
final class GuestGroup: Sendable {
  private struct State {
    var machines: [VirtualMachine.Machine] = []
    var isStopping = false
  }

  private let state = Mutex(State())

  /// Blocks until every guest has ended.
  func run(_ boots: [GuestBoot]) -> [String?] {
    let problems = Mutex([String?](repeating: "its thread could not be started", count: boots.count))
    var threads: [PinnedThread] = []
    for (index, boot) in boots.enumerated() {
      let thread = try? PinnedThread(name: "guest\(index)") { [self] in
        let problem = boot.problem(holding: hold)
        problems.withLock { $0[index] = problem }
      }
      if let thread { threads.append(thread) }
    }
    for thread in threads { thread.join() }
    return problems.withLock { $0 }
  }

  private func hold(_ machine: VirtualMachine.Machine) {
    let isStopping = state.withLock { state in
      state.machines.append(machine)
      return state.isStopping
    }
    if isStopping { machine.stop() }
  }

  /// Ends them from any thread.
  func stop() {
    let machines = state.withLock { state in
      state.isStopping = true
      return state.machines
    }
    for machine in machines { machine.stop() }
  }
}
