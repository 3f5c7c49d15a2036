import CLinux
import LinuxSystem
import Synchronization

/// Pinned threads that share the work of the probe's native jobs with the thread that runs them. They sleep while there is none.
public final class WorkerThreads: Sendable {
  private let workers: [Worker]

  /// Starts the threads.
  /// - Parameter cpus: the CPU of each.
  public init(cpus: [Int]) throws(SystemError) {
    var workers: [Worker] = []
    do throws(SystemError) {
      for (index, cpu) in cpus.enumerated() { workers.append(try Worker(number: index + 1, cpu: cpu)) }
    } catch {
      for worker in workers { worker.stop() }
      throw error
    }
    self.workers = workers
  }

  public var count: Int { workers.count }

  /// Their kernel threads.
  public var identifiers: [Int32] { workers.map(\.identifier) }

  /// Ends the threads, each when it has done what it does.
  public func stop() {
    for worker in workers { worker.stop() }
  }

  /// Has a worker that does nothing call a function of the probe's; returns at once.
  /// - Parameter number: from 1; there is no other.
  func start(_ number: UInt32, _ work: @escaping Work, _ argument: UnsafeMutableRawPointer?) {
    if let worker = self[number] { unsafe worker.start(work, argument) }
  }

  /// Whether a worker has not done yet what it was to do.
  func isBusy(_ number: UInt32) -> Bool { self[number]?.isBusy ?? false }

  private subscript(number: UInt32) -> Worker? {
    number >= 1 && number <= workers.count ? workers[Int(number) - 1] : nil
  }

  typealias Work = @convention(c) (UnsafeMutableRawPointer?) -> Void

  /// One thread.
  @safe private final class Worker: @unchecked Sendable {
    // @unchecked: `work` and `argument` are written while the thread is not busy, before it is told that it is, and read by it after.

    private let busy = Atomic<Bool>(false)
    private let isStopped = Atomic<Bool>(false)
    private let thread = Atomic<Int32>(0)
    private let wake: EventCounter
    private let ready: EventCounter
    private var work: Work?
    private var argument: UnsafeMutableRawPointer?
    private let handle = Mutex<PinnedThread?>(nil)

    init(number: Int, cpu: Int) throws(SystemError) {
      wake = try EventCounter()
      ready = try EventCounter()
      let started = try PinnedThread(name: "worker\(number)", cpu: cpu) { [self] in serve() }
      handle.withLock { $0 = started }
      _ = ready.take()
    }

    var identifier: Int32 { thread.load(ordering: .acquiring) }
    var isBusy: Bool { busy.load(ordering: .acquiring) }

    @unsafe func start(_ work: @escaping Work, _ argument: UnsafeMutableRawPointer?) {
      unsafe self.work = work
      unsafe self.argument = argument
      busy.store(true, ordering: .releasing)
      wake.signal()
    }

    func stop() {
      isStopped.store(true, ordering: .releasing)
      wake.signal()
      handle.withLock { $0.take() }?.join()
    }

    private func serve() {
      thread.store(nm_gettid(), ordering: .releasing)
      ready.signal()
      while true {
        _ = wake.take()
        if isStopped.load(ordering: .acquiring) { return }
        guard isBusy else { continue }
        unsafe work?(argument)
        busy.store(false, ordering: .releasing)
      }
    }
  }
}
