import CLinux
import Definitions
import Glibc
import LinuxSystem

/// QEMU's storage daemon's command line for a disk: with an I/O thread of its own and io_uring, as QEMU itself has it.
struct StorageDaemonCommand {
  let wanted: DiskSpecification
  let disk: LegDisk

  /// What the daemon inherits: the disk's files, and behind them the socket that it accepts a front end from.
  func descriptors(listener: Int32) -> [Int32] { disk.peer.descriptors + [listener] }

  /// The whole command line but the program's name.
  var arguments: [String] {
    let socket = ChildProcess.passed + Int32(disk.peer.descriptors.count)
    let writable = disk.isReadOnly ? "off" : "on"
    return [
      "--object", "iothread,id=io", "--blockdev", node, "--export",
      "type=vhost-user-blk,id=export,node-name=disk,iothread=io,writable=\(writable),addr.type=fd,addr.str=\(socket)",
    ]
  }

  /// The node that is exported: the file itself where it is the disk, else a format's driver over the file.
  private var node: String {
    let isRaw = disk.peer.driver == "raw"
    let name = isRaw ? "" : "file."
    var words = isRaw ? [] : ["driver=\(disk.peer.driver)"]
    words.append("\(name)driver=\(isDevice ? "host_device" : "file")")
    words.append("\(name)filename=\(QEMUProgram.word(disk.peer.path))")
    // Legs that take turns are all there at once, each with the image open.
    words += ["\(name)locking=off", "\(name)aio=io_uring", "node-name=disk"]
    words.append("cache.direct=\(wanted.backing == .direct ? "on" : "off")")
    if disk.isReadOnly { words.append("read-only=on") }
    return words.joined(separator: ",")
  }

  /// Whether the path is a block device's, for which QEMU has a driver of its own. What is inherited is a file.
  private var isDevice: Bool {
    var status = stat()
    guard disk.peer.descriptors.isEmpty, unsafe stat(disk.peer.path, &status) == 0 else { return false }
    return status.st_mode & S_IFMT == S_IFBLK
  }

  /// Why the daemon cannot serve what a suite asks for; nil where it can.
  static func obstacle(_ wanted: DiskSpecification, _ disk: LegDisk?) -> String? {
    guard wanted.backing.usesFile else {
      return "a vhost-user back end serves a file, and backing=\(wanted.backing.rawValue) is none"
    }
    if wanted.virtio.transport == .mmio {
      return
        "a vhost-user back end interrupts by MSI-X, which virtio over MMIO does not have: leave transport out, or pci"
    }
    guard let disk else { return nil }
    if let obstacle = disk.peer.obstacle { return obstacle }
    guard disk.peer.extents == 0 else {
      return "qemu-storage-daemon locks the extents of a flat VMDK, which other legs have open"
    }
    return nil
  }
}
