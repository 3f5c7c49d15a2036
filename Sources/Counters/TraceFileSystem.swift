import CLinux
import LinuxSystem
import SystemPackage
import Topology

/// The kernel's tracepoints, as tracefs describes them (Documentation/trace/events.rst).
///
/// Where the user has not mounted tracefs, a process with the privilege to mount gets an instance of its own that no path
/// leads to: nothing on the host changes, and it is gone with its last descriptor.
public struct TraceFileSystem: ~Copyable, Sendable {
  private let root: Descriptor

  /// Where tracefs is found, in this order.
  public static let mountPoints = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"]

  /// What a user without the privilege to mount can do.
  public static let remedy = "As root: mount -t tracefs -o mode=755 tracefs /sys/kernel/tracing."

  /// - Throws: `Unavailable` where there is none and none can be had; see ``remedy``.
  public init() throws(Unavailable) {
    for path in Self.mountPoints {
      guard let folder = try? Descriptor.open(path, O_RDONLY | O_DIRECTORY),
        let events = Self.descriptor("events", in: folder.rawValue)
      else { continue }
      _ = consume events
      root = folder
      return
    }
    let mount = unsafe nm_detached_mount("tracefs")
    let code = Errno(rawValue: nm_errno())
    guard mount >= 0 else {
      throw Unavailable(
        "tracefs cannot be read (\(code))")
    }
    root = Descriptor(owning: mount)
  }

  private static func descriptor(_ path: String, in folder: Int32) -> Descriptor? {
    let fd = unsafe nm_openat(folder, path, O_RDONLY | O_CLOEXEC)
    return fd >= 0 ? Descriptor(owning: fd) : nil
  }

  /// The names of a subsystem's tracepoints, sorted, without the subsystem: "kvm_exit".
  public borrowing func tracepoints(of subsystem: String) throws(Unavailable) -> [String] {
    guard let folder = Self.descriptor("events/\(subsystem)", in: root.rawValue) else {
      throw Unavailable("the kernel has no tracepoints of \(subsystem): \(Errno(rawValue: nm_errno()))")
    }
    // The stream closes the descriptor that it is given: a copy.
    guard let stream = unsafe fdopendir(dup(folder.rawValue)) else {
      throw Unavailable("events/\(subsystem): \(Errno(rawValue: nm_errno()))")
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      guard unsafe entry.pointee.d_type == UInt8(DT_DIR) else { continue }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// A tracepoint's number and fields.
  /// - Parameter name: subsystem and event: "kvm:kvm_exit".
  public borrowing func format(of name: String) throws(Unavailable) -> TracepointFormat {
    let parts = name.split(separator: ":")
    guard parts.count == 2, !name.contains("/"), !name.contains("..") else {
      throw Unavailable("\(name) is no tracepoint: expected SUBSYSTEM:EVENT")
    }
    guard let file = Self.descriptor("events/\(parts[0])/\(parts[1])/format", in: root.rawValue) else {
      throw Unavailable("this kernel has no tracepoint \(name): \(Errno(rawValue: nm_errno()))")
    }
    let text: [UInt8]
    do throws(Errno) { text = try file.readAll(limit: 1 << 20) } catch {
      throw Unavailable("the format of \(name): \(error)")
    }
    return try TracepointFormat(name: name, text: String(decoding: text, as: UTF8.self))
  }
}
