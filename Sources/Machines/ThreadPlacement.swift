import Definitions

/// The CPU of each thread of a leg on whose disk several work. Where there are too few CPUs, threads share some: vCPUs with vCPUs
/// and I/O threads with I/O threads, for as long as there are two.
public struct ThreadPlacement: Sendable, Equatable {
  /// By vCPU.
  public let vcpus: [Int]
  /// By I/O thread; of one thread nil on a host with one CPU.
  public let io: [Int?]
  /// By native thread. The native leg makes its calls from the I/O threads' CPUs first, as a guest's monitor does; it gets those of the
  /// vCPUs where it has more threads.
  public let native: [Int]

  /// Takes as many of a leg's CPUs as its threads need.
  public init(_ cpus: LegCPUs, _ wanted: Concurrency) {
    guard let first = cpus.io else {
      vcpus = Array(repeating: cpus.workload, count: wanted.vcpus)
      io = wanted.ioThreads == 1 ? [nil] : Array(repeating: cpus.workload, count: wanted.ioThreads)
      native = vcpus
      return
    }
    let total = cpus.others.count + 2
    var (guests, servers) = (wanted.vcpus, wanted.ioThreads)
    if guests + servers > total {
      servers = max(1, total * servers / (guests + servers))
      guests = total - servers
    }
    let vcpuPool = [cpus.workload] + cpus.others.prefix(guests - 1)
    let ioPool = [first] + cpus.others.dropFirst(guests - 1).prefix(servers - 1)
    vcpus = (0..<wanted.vcpus).map { vcpuPool[$0 % vcpuPool.count] }
    io = (0..<wanted.ioThreads).map { ioPool[$0 % ioPool.count] }
    native = (0..<wanted.vcpus).map { (ioPool + vcpuPool)[$0 % (ioPool + vcpuPool).count] }
  }

  /// CPUs that the guest's threads, or the native ones, run on, each once and in order.
  var all: [Int] { Set(vcpus + io.compactMap(\.self) + native).sorted() }

  /// How threads share CPUs, where a leg of several does not have one for each: its figures are not what as many CPUs would give. Nil
  /// where every thread has one of its own.
  /// - Parameter isNative: whether the leg is the native one.
  public func sharing(isNative: Bool) -> String? {
    guard vcpus.count + io.count > 2 else { return nil }
    func words(_ count: Int, _ one: String, on cpus: [Int]) -> String? {
      let own = Set(cpus).count
      return own < count ? "\(count) \(one)s on \(own == 1 ? "one CPU" : "\(own) CPUs")" : nil
    }
    let parts =
      isNative
      ? [words(native.count, "thread", on: native)]
      : [words(vcpus.count, "vCPU", on: vcpus), words(io.count, "I/O thread", on: io.map { $0 ?? vcpus[0] })]
    let shared = parts.compactMap(\.self)
    return shared.isEmpty ? nil : "threads shared CPUs: \(shared.joined(separator: ", "))"
  }
}

extension SessionContext {
  /// The CPU of each thread of a session.
  public func threads(of session: Session) -> ThreadPlacement {
    ThreadPlacement(placed(for: session).cpus, session.concurrency)
  }
}
