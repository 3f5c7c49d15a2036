import Glibc
import Images
import LinuxSystem
import Storage

/// `qemu-img bench`, and the same requests made here: a number of them at places a fixed step apart, around the disk.
enum QEMUBench {
  private static let program = "/usr/bin/qemu-img"
  static var isInstalled: Bool { isExecutable(program) }

  struct Work {
    let name: String
    let requests: Int
    let bytes: UInt64
    let step: UInt64
    let size: UInt64
    let depth: Int
    let isDirect: Bool
    let writes: Bool
    /// Whether the image has no blocks when it begins.
    let allocates: Bool

    /// - Parameter size: bytes of the disk.
    static func all(requests: Int, size: UInt64) -> [Work] {
      // An odd number of blocks: every place comes once before any comes again.
      let spread = (size / 4096 * 618 / 1000 | 1) * 4096
      let blocks = Int(size / 65536)
      return [
        Work(
          name: "read, direct, qd 32", requests: requests, bytes: 4096, step: spread, size: size, depth: 32,
          isDirect: true,
          writes: false, allocates: false),
        Work(
          name: "read, file, qd 1", requests: requests, bytes: 4096, step: spread, size: size, depth: 1,
          isDirect: false,
          writes: false, allocates: false),
        Work(
          name: "allocate 64 KiB in sequence, direct, qd 32", requests: blocks, bytes: 65536, step: 65536, size: size,
          depth: 32, isDirect: true, writes: true, allocates: true),
        Work(
          name: "allocate by 4 KiB in sequence, direct, qd 32", requests: blocks * 4, bytes: 4096, step: 4096,
          size: size,
          depth: 32, isDirect: true, writes: true, allocates: true),
        Work(
          name: "allocate by 4 KiB here and there, direct, qd 32", requests: blocks / 4, bytes: 4096,
          step: (UInt64(blocks) * 618 / 1000 | 1) * 65536, size: size, depth: 32, isDirect: true, writes: true,
          allocates: true),
      ]
    }

    /// Requests a second of `qemu-img bench`, by its own clock.
    func rate(_ path: String, _ format: ImageFolder.Format) throws -> Double {
      var arguments = [
        "bench", "-f", format.format.rawValue, "-t", isDirect ? "none" : "writeback", "-c", "\(requests)", "-d",
        "\(depth)",
        "-s", "\(bytes)", "-S", "\(step)",
      ]
      if isDirect { arguments += ["-i", "io_uring"] }
      if writes { arguments.append("-w") }
      let child = try ChildProcess(QEMUBench.program, arguments + [path])
      var output: [UInt8] = []
      _ = unsafe child.drain(until: MonotonicClock.now + 120_000_000_000) { unsafe output += $0 }
      let words = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      guard let place = words.firstIndex(of: "seconds."), place > 0, let seconds = Double(words[place - 1]), seconds > 0
      else { throw Problem("qemu-img bench: \(child.complaint())") }
      return Double(requests) / seconds
    }

    /// Requests a second here.
    func rate(_ specification: BackingSpecification) throws -> Double {
      var backing = try specification.open(readOnly: !writes)
      let memory = try Mapping.anonymous(count: depth * Int(bytes))
      let completions = UnsafeMutableBufferPointer<StorageCompletion>.allocate(capacity: depth)
      defer { unsafe completions.deallocate() }
      var free = Array(0..<depth)
      var (begun, done, offset): (Int, Int, UInt64) = (0, 0, 0)
      let start = MonotonicClock.now
      while done < requests {
        while begun < requests, let slot = free.popLast() {
          let request = unsafe StorageRequest(
            writes ? .write : .read, token: UInt64(slot), offset: offset, count: Int(bytes),
            buffer: memory.base + slot * Int(bytes))
          begun += 1
          offset = (offset + step) % size
          guard let completion = backing.submit(request) else {
            // At once, as workloads and QEMU do: what is held back until all are prepared leaves the disk idle.
            backing.kick()
            continue
          }
          guard completion.error == 0 else { throw Problem("a request failed with errno \(completion.error)") }
          done += 1
          free.append(slot)
        }
        guard free.count < depth else { continue }
        for index in 0..<(unsafe backing.reap(into: completions, wait: true)) {
          guard unsafe completions[index].error == 0 else { throw Problem("a request failed") }
          unsafe free.append(Int(completions[index].token))
          done += 1
        }
      }
      return Double(requests) / (Double(MonotonicClock.now &- start) / 1e9)
    }
  }
}
