import CLinux
import LinuxSystem
import SystemPackage

extension String {
  /// The whole of a file whose size the kernel does not know beforehand.
  init(contentsOfProcessFile path: String) throws {
    let file = try Descriptor.open(path, O_RDONLY)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = unsafe read(file.rawValue, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes.append(contentsOf: buffer[..<count])
    }
    self.init(decoding: bytes, as: UTF8.self)
  }
}
