import LinuxSystem
import Topology

/// Threads of another process, found by their names.
enum ProcessThreads {
  /// Pins every thread of a process whose name begins with `prefix` to one CPU. A thread that ends meanwhile is passed over.
  static func pin(_ prefix: String, of process: Int32, to cpu: Int) {
    let files = HostFiles()
    guard let threads = try? files.entries("/proc/\(process)/task") else { return }
    for thread in threads {
      guard let number = Int32(thread), let name = try? files.text("/proc/\(process)/task/\(thread)/comm"),
        name.hasPrefix(prefix)
      else { continue }
      try? CPUAffinity.pin(thread: number, to: [cpu])
    }
  }
}
