import CLinux
import ELF
import LinuxSystem
import ProbeABI
import SystemPackage

/// The probe's code in this process: the same bytes at the same addresses as in a guest, called on the calling thread.
///
/// This is what makes the native leg a fair reference: no second compilation, no other flags, no other alignment. A leg maps
/// the image afresh, so nothing of an earlier one is left in its data.
public struct NativeProbe: ~Copyable {
  private let image: ProbeImage
  private let start: UInt
  private let count: Int

  /// Maps the image. Only one can be mapped at a time: its addresses are fixed.
  ///
  /// A guest maps everything with pages of 2 MiB, all of them writable and executable. The native leg gets the same where the
  /// kernel has such pages to give, so that code and tables cost both sides the same translations.
  public static func map(_ image: ProbeImage) throws(SystemError) -> NativeProbe {
    let segments = image.elf.segments
    let low = segments.map(\.virtualAddress).min()! & ~(page - 1)
    let high = (segments.map { $0.virtualAddress + $0.memorySize }.max()! + page - 1) & ~(page - 1)
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE
    let wanted = unsafe UnsafeMutableRawPointer(bitPattern: UInt(low))
    let mapped = unsafe mmap(wanted, Int(high - low), PROT_READ | PROT_WRITE | PROT_EXEC, flags, -1, 0)
    guard Int(bitPattern: mapped) != -1 else {
      throw SystemError(
        "map the probe at 0x\(String(low, radix: 16))", Errno(rawValue: nm_errno()),
        advice:
          "vm.mmap_min_addr must be below it, memory that is writable and executable must be allowed, and no other"
          + " native leg may be running in this process.")
    }
    let probe = NativeProbe(image: image, start: UInt(low), count: Int(high - low))
    _ = unsafe madvise(mapped, Int(high - low), MADV_HUGEPAGE)
    for segment in segments {
      let target = unsafe UnsafeMutableRawPointer(bitPattern: UInt(segment.virtualAddress))!
      unsafe image.elf.bytes[segment.file].withUnsafeBytes { bytes in
        if let base = bytes.baseAddress { unsafe target.copyMemory(from: base, byteCount: bytes.count) }
      }
    }
    return probe
  }

  private static var page: UInt64 { 2 << 20 }

  deinit {
    unsafe munmap(UnsafeMutableRawPointer(bitPattern: start), count)
  }

  /// Runs jobs on the calling thread until all are answered. Blocks for as long as they take.
  /// - Parameters:
  ///   - jobs: the job text.
  ///   - arena: memory for the workloads, 2 MiB aligned, untouched.
  ///   - block: the block device, null where the jobs need none.
  ///   - net: the network device, null where the jobs need none.
  ///   - records: takes what the probe sends.
  ///   - marker: takes the edges of windows, on the calling thread.
  /// - Returns: jobs that failed, or a negative errno for a text that is no job text.
  public borrowing func run(
    _ jobs: [UInt8], arena: borrowing Mapping, tscFrequency: UInt64,
    block: UnsafePointer<nm_block_device>? = nil, net: UnsafePointer<nm_net_device>? = nil, records: RecordStream,
    marker: @escaping (UInt32) -> Void
  ) -> Int64 {
    let sink = Sink(records: records, marker: marker)
    var environment = unsafe nm_environment()
    unsafe environment.context = Unmanaged.passUnretained(sink).toOpaque()
    unsafe environment.arena = UInt64(UInt(bitPattern: arena.base))
    unsafe environment.arena_size = UInt64(arena.count)
    unsafe environment.tsc_khz = tscFrequency
    unsafe environment.native = 1
    unsafe environment.cpus = 1
    unsafe environment.block = unsafe block
    unsafe environment.net = unsafe net
    unsafe environment.emit = { context, bytes, count in
      let sink = unsafe Unmanaged<Sink>.fromOpaque(context!).takeUnretainedValue()
      unsafe sink.records.receive(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
    }
    unsafe environment.marker = { context, value in
      unsafe Unmanaged<Sink>.fromOpaque(context!).takeUnretainedValue().marker(value)
    }
    let entry = unsafe unsafeBitCast(UInt(image.nativeEntry), to: nm_native_entry.self)
    return withExtendedLifetime(sink) {
      unsafe jobs.withUnsafeBufferPointer { unsafe entry(&environment, $0.baseAddress, UInt64($0.count)) }
    }
  }

  private final class Sink {
    let records: RecordStream
    let marker: (UInt32) -> Void
    init(records: RecordStream, marker: @escaping (UInt32) -> Void) {
      self.records = records
      self.marker = marker
    }
  }
}
