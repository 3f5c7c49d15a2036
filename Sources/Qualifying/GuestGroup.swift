import LinuxSystem
import Machines
import Synchronization

/// Guests that run side by side, each in a process of its own, and are stopped together.
final class GuestGroup: Sendable {
  private struct State {
    var processes: [ConfinedProcess] = []
    var isStopping = false
  }

  private let state = Mutex(State())

  /// Blocks until every guest has ended.
  /// - Returns: what is wrong with each; nil where nothing is.
  func run(_ boots: [GuestBoot]) -> [String?] {
    let started = boots.map { boot -> Result<ConfinedProcess, SystemError> in
      do throws(SystemError) {
        let process = try boot.start()
        hold(process)
        return .success(process)
      } catch { return .failure(error) }
    }
    return zip(boots, started).map { boot, process in
      switch process {
      case .success(let process): boot.problem(of: process)
      case .failure(let error): error.description
      }
    }
  }

  private func hold(_ process: ConfinedProcess) {
    let isStopping = state.withLock { state in
      state.processes.append(process)
      return state.isStopping
    }
    if isStopping { process.cancel() }
  }

  /// Ends them from any thread.
  func stop() {
    let processes = state.withLock { state in
      state.isStopping = true
      return state.processes
    }
    for process in processes { process.cancel() }
  }
}
