import CLinux
import LinuxSystem
import Results
import SystemPackage

/// Builds that know no pacing: a block of the one after the same block of the other.
extension Interleaving {
  func measureEach(
    _ order: [Side], block: Int, seed: UInt64, onStart: (Side, Int) -> Void
  ) throws(SideFailure) -> [Side: RunResult] {
    var pair: [Side: RunResult] = [:]
    for side in order where !interruption.isRequested {
      onStart(side, pair.count)
      pair[side] = try measureAlone(side, block: block, seed: seed, isFirst: block == 0 && pair.isEmpty)
    }
    return pair
  }

  /// One block of one build, once no other run holds the host. Before the first block it is said at once that one does; a run
  /// that came in between two blocks is waited for, since the pairs so far are worth more than that time.
  private func measureAlone(_ side: Side, block: Int, seed: UInt64, isFirst: Bool) throws(SideFailure) -> RunResult? {
    let deadline = MonotonicClock.now + patience
    while true {
      try awaitHost(isFirst: isFirst, until: deadline)
      do throws(SideFailure) { return try measure(side, block: block, seed: seed) } catch {
        // Another run may have taken the host just before the block's process could.
        guard !isFirst, MonotonicClock.now < deadline, Self.isHostHeld else { throw error }
      }
    }
  }

  private static var isHostHeld: Bool {
    do throws(HostLockError) {
      _ = try HostLock()
      return false
    } catch {
      guard case .held = error else { return false }
      return true
    }
  }

  private func awaitHost(isFirst: Bool, until deadline: UInt64) throws(SideFailure) {
    while !interruption.isRequested {
      do throws(HostLockError) {
        // The block's own process takes it.
        _ = try HostLock()
        return
      } catch {
        guard case .held = error, !isFirst, MonotonicClock.now < deadline else { throw .host(error.description) }
      }
      usleep(200_000)
    }
  }

  /// One block of one build. Its result counts whatever the process's status: a leg that failed is in it with its reason.
  private func measure(_ side: Side, block: Int, seed: UInt64) throws(SideFailure) -> RunResult? {
    let words = command(side, seed: seed, blocks: 1) + ["--output", folder(block, side)]
    let complaint: String
    do throws(SystemError) {
      // The user's Ctrl-C reaches it once, through the interruption: a second one would end it before it has tidied up.
      let child = try ChildProcess(words[0], Array(words.dropFirst()), isApart: true)
      let pid = child.pid
      let registration = interruption.whileRunning { kill(pid, SIGINT) }
      defer { registration.end() }
      // An interrupted child keeps what it has and ends by itself.
      let ended = unsafe child.drain(until: MonotonicClock.now + patience) { _ in }
      complaint = ended ? child.epitaph() : "it did not end within \(patience / 1_000_000_000) s"
    } catch {
      throw .program(side, error.description)
    }
    if interruption.isRequested { return nil }
    return try read(side, block: block, complaint: complaint)
  }
}
