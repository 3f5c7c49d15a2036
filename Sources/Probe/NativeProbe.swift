import CLinux
import ELF
import LinuxSystem
import ProbeABI
import Synchronization
import SystemPackage

/// The probe's code in this process: the same bytes at the same addresses as in a guest, called on the calling thread.
///
/// This is what makes the native leg a fair reference: no second compilation, no other flags, no other alignment. A leg maps
/// the image afresh, so nothing of an earlier one is left in its data.
public struct NativeProbe: ~Copyable {
  private let image: ProbeImage
  private let start: UInt
  private let count: Int

  /// Whether an image lies at its addresses.
  private static let isThere = Mutex(false)

  /// Maps the image. Only one can be mapped at a time, since its addresses are fixed: another one in this process is waited for,
  /// for as long as `patience`.
  ///
  /// A guest maps everything with pages of 2 MiB, all of them writable and executable. The native leg gets the same where the
  /// kernel has such pages to give, so that code and tables cost both sides the same translations.
  /// - Parameters:
  ///   - image: the one that guests boot.
  ///   - pages: what backs a guest's RAM, and therefore its image.
  ///   - prepare: takes the address range before the first byte of it is touched, to say where it must lie.
  public static func map(
    _ image: ProbeImage, pages: MemoryPages = .transparent,
    prepare: (Range<UInt>) throws(SystemError) -> Void = { _ in }
  ) throws(SystemError) -> NativeProbe {
    let segments = image.elf.segments
    let low = segments.map(\.virtualAddress).min()! & ~(page - 1)
    let high = (segments.map { $0.virtualAddress + $0.memorySize }.max()! + page - 1) & ~(page - 1)
    let huge = pages == .reserved ? MAP_HUGETLB | nm_MAP_HUGE_2MB : 0
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | huge
    let wanted = unsafe UnsafeMutableRawPointer(bitPattern: UInt(low))
    let isFree = takePlace(until: MonotonicClock.now + patience)
    let mapped =
      unsafe isFree
      ? mmap(wanted, Int(high - low), PROT_READ | PROT_WRITE | PROT_EXEC, flags, -1, 0)
      : UnsafeMutableRawPointer(bitPattern: -1)
    let errno = isFree ? nm_errno() : EEXIST
    guard Int(bitPattern: mapped) != -1 else {
      if isFree { isThere.withLock { $0 = false } }
      throw SystemError(
        "map the probe at 0x\(String(low, radix: 16))", Errno(rawValue: errno),
        advice:
          "vm.mmap_min_addr must be below it, memory that is writable and executable must be allowed, and no other"
          + " native leg may be running in this process."
          + (pages == .reserved ? " Its pages of 2 MiB must be reserved and free (vm.nr_hugepages)." : ""))
    }
    let probe = NativeProbe(image: image, start: UInt(low), count: Int(high - low))
    switch pages {
    case .small: _ = unsafe madvise(mapped, Int(high - low), MADV_NOHUGEPAGE)
    case .transparent: _ = unsafe madvise(mapped, Int(high - low), MADV_HUGEPAGE)
    case .reserved: break
    }
    try prepare(probe.range)
    for segment in segments {
      let target = unsafe UnsafeMutableRawPointer(bitPattern: UInt(segment.virtualAddress))!
      unsafe image.elf.bytes[segment.file].withUnsafeBytes { bytes in
        if let base = bytes.baseAddress { unsafe target.copyMemory(from: base, byteCount: bytes.count) }
      }
    }
    return probe
  }

  private static var page: UInt64 { 2 << 20 }
  /// Nanoseconds.
  private static var patience: UInt64 { 20_000_000_000 }

  /// Where the image lies.
  public var range: Range<UInt> { start..<start + UInt(count) }

  deinit {
    unsafe munmap(UnsafeMutableRawPointer(bitPattern: start), count)
    Self.isThere.withLock { $0 = false }
  }

  /// Waits until no other image lies at the addresses.
  /// - Returns: false where one still does at the deadline.
  private static func takePlace(until deadline: UInt64) -> Bool {
    while true {
      let isTaken = isThere.withLock { isThere in
        defer { isThere = true }
        return !isThere
      }
      if isTaken { return true }
      if MonotonicClock.now >= deadline { return false }
      usleep(200)
    }
  }

  /// Runs jobs on the calling thread, and on workers that share its work, until all are answered. Blocks for as long as they take.
  /// - Parameters:
  ///   - jobs: the job text.
  ///   - arena: memory for the workloads, 2 MiB aligned, untouched.
  ///   - tscFrequency: TSC ticks a millisecond.
  ///   - block: block devices of one disk, one for each thread that shares the work; empty where the jobs need none.
  ///   - net: the network device, null where the jobs need none.
  ///   - records: takes what the probe sends.
  ///   - marker: takes the edges of windows, on the calling thread.
  ///   - turn: waits for the leg's turn, on the calling thread, and answers `NM_TURN_GO` or `NM_TURN_END`; nil where no job takes
  ///     turns.
  ///   - workers: threads besides the calling one that jobs may share their work with.
  /// - Returns: jobs that failed, or a negative errno for a text that is no job text.
  public borrowing func run(
    _ jobs: [UInt8], arena: borrowing Mapping, tscFrequency: UInt64,
    block: UnsafeBufferPointer<nm_block_device>? = nil, net: UnsafePointer<nm_net_device>? = nil,
    records: RecordStream, marker: @escaping (UInt32) -> Void, turn: (() -> UInt32)? = nil,
    workers: WorkerThreads? = nil
  ) -> Int64 {
    let sink = Sink(records: records, marker: marker, turn: turn, workers: workers)
    var environment = unsafe nm_environment()
    unsafe environment.context = Unmanaged.passUnretained(sink).toOpaque()
    unsafe environment.arena = UInt64(UInt(bitPattern: arena.base))
    unsafe environment.arena_size = UInt64(arena.count)
    unsafe environment.tsc_khz = tscFrequency
    unsafe environment.native = 1
    unsafe environment.cpus = 1
    unsafe environment.block = unsafe block?.baseAddress
    unsafe environment.block_devices = UInt32(unsafe block?.count ?? 0)
    unsafe environment.workers = UInt32(1 + (workers?.count ?? 0))
    unsafe environment.net = unsafe net
    unsafe environment.emit = { context, bytes, count in
      let sink = unsafe Unmanaged<Sink>.fromOpaque(context!).takeUnretainedValue()
      unsafe sink.records.receive(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
    }
    unsafe environment.marker = { context, value in
      unsafe Unmanaged<Sink>.fromOpaque(context!).takeUnretainedValue().marker(value)
    }
    if turn != nil {
      unsafe environment.turn = { context, _ in
        unsafe Unmanaged<Sink>.fromOpaque(context!).takeUnretainedValue().turn?() ?? NM_TURN_END
      }
    }
    if workers != nil {
      unsafe environment.start = { context, worker, work, argument in
        unsafe Unmanaged<Sink>.fromOpaque(context!).takeUnretainedValue().workers?.start(worker, work!, argument)
      }
      unsafe environment.busy = { context, worker in
        let sink = unsafe Unmanaged<Sink>.fromOpaque(context!).takeUnretainedValue()
        return sink.workers?.isBusy(worker) ?? false ? 1 : 0
      }
    }
    let entry = unsafe unsafeBitCast(UInt(image.nativeEntry), to: nm_native_entry.self)
    return withExtendedLifetime(sink) {
      unsafe jobs.withUnsafeBufferPointer { unsafe entry(&environment, $0.baseAddress, UInt64($0.count)) }
    }
  }

  private final class Sink {
    let records: RecordStream
    let marker: (UInt32) -> Void
    let turn: (() -> UInt32)?
    let workers: WorkerThreads?

    init(
      records: RecordStream, marker: @escaping (UInt32) -> Void, turn: (() -> UInt32)?, workers: WorkerThreads?
    ) {
      self.records = records
      self.marker = marker
      self.turn = turn
      self.workers = workers
    }
  }
}
