import CLinux
import Frames
import Kernels
import LinuxSystem
import ProbeABI
import Testing

@testable import Network

/// Whether this process may have the wires that go through the kernel: said aloud where it may not.
enum Wires {
  static let problem: String? = {
    do throws(SystemError) {
      _ = try Wire.tap()
      _ = try Wire.packet()
      return nil
    } catch { return error.description }
  }()

  /// Those that this process may have; the in-process one always.
  static let available: [WireKind] = {
    if let problem { print("skipped: wires through the kernel: \(problem)") }
    return problem == nil ? WireKind.allCases : [.inprocess]
  }()
}

/// Runs net workloads in this process, as the native machine does.
/// Sound as `@safe` because the arena is only handed out with its true size.
@safe final class NetMachine {
  private(set) var results: [(nm_result, String)] = []

  /// Runs one job over a device.
  func run(_ line: String, _ device: UnsafePointer<nm_net_device>) -> (result: nm_result, reason: String) {
    let size = 64 << 20
    let arena = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 2 << 20)
    defer { unsafe arena.deallocate() }
    var environment = unsafe nm_environment()
    unsafe environment.context = Unmanaged.passUnretained(self).toOpaque()
    unsafe environment.arena = UInt64(UInt(bitPattern: arena))
    unsafe environment.arena_size = UInt64(size)
    unsafe environment.tsc_khz = MonotonicClock.tscFrequency()
    unsafe environment.native = 1
    unsafe environment.cpus = 1
    unsafe environment.net = unsafe device
    unsafe environment.marker = { _, _ in }
    unsafe environment.emit = { context, bytes, count in
      let machine = unsafe Unmanaged<NetMachine>.fromOpaque(context!).takeUnretainedValue()
      unsafe machine.keep(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
    }
    let text = "nearmetal-jobs 4 tsc_khz=1\njob=1 seed=5 warmup=1000000 window=200000000 workload=\(line)\n"
    results = []
    _ = unsafe Array(text.utf8).withUnsafeBufferPointer {
      unsafe KernelWorkload.run(&environment, jobs: $0.baseAddress!, length: UInt64($0.count))
    }
    return results.first ?? (nm_result(), "no result")
  }

  @unsafe private func keep(_ record: UnsafeRawBufferPointer) {
    let header = unsafe record.loadUnaligned(as: nm_record_header.self)
    guard header.type == NM_RECORD_RESULT.rawValue else { return }
    let start = MemoryLayout<nm_record_header>.size
    let result = unsafe record.loadUnaligned(fromByteOffset: start, as: nm_result.self)
    let reason = start + MemoryLayout<nm_result>.size
    unsafe results.append(
      (result, String(decoding: record[reason..<reason + Int(result.reason_length)], as: UTF8.self)))
  }
}
