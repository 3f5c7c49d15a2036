import ELF
import LinuxSystem
import ProbeABI

import class Foundation.Bundle

/// The probe as the host sees it: its image, the jobs that go in, the records that come out, and its code called natively.
///
/// The probe's ELF.
public struct ProbeImage: Sendable {
  public let elf: ELFImage
  /// Its path, for messages.
  public let path: String
  /// Address of the function that the native machine calls.
  let nativeEntry: UInt64

  /// The image that was built with this program.
  public static func bundled() throws(ProbeImageError) -> ProbeImage {
    guard let path = Bundle.module.path(forResource: "probe", ofType: "elf") else {
      throw .unreadable("probe.elf beside the program: it is not there; build NearMetal again")
    }
    return try ProbeImage(path: path)
  }

  /// Reads an image from a file.
  public init(path: String) throws(ProbeImageError) {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try AtomicFile.read(path) } catch {
      throw .unreadable("\(path): cannot be read: \(error.errno)")
    }
    do throws(ELFError) { elf = try ELFImage(bytes, name: path) } catch { throw .malformed(error) }
    self.path = path
    let size = MemoryLayout<nm_image_header>.size
    guard let first = elf.segments.first, first.file.count >= size else {
      throw .foreign(path, "no image header")
    }
    let header = unsafe elf.bytes[first.file].withUnsafeBytes { unsafe $0.loadUnaligned(as: nm_image_header.self) }
    guard header.magic == NM_IMAGE_MAGIC else { throw .foreign(path, "no image header") }
    guard header.version == UInt32(NM_ABI_VERSION), header.size == UInt32(size) else {
      throw .foreign(path, "interface version \(header.version)")
    }
    guard Self.isMappable(elf, header) else { throw .foreign(path, "segments outside the addresses of its header") }
    let code = elf.segments.first {
      $0.isExecutable && ($0.virtualAddress..<$0.virtualAddress + $0.memorySize).contains(header.native_entry)
    }
    guard code != nil else { throw .foreign(path, "a native entry outside its code") }
    nativeEntry = header.native_entry
  }

  /// Whether the segments lie where the header says, and that is a place and a size to map natively: from 64 KiB, which no
  /// kernel refuses to map, to 1 GiB.
  private static func isMappable(_ elf: ELFImage, _ header: nm_image_header) -> Bool {
    guard header.load_address >= 64 << 10, header.load_address % 4096 == 0, header.load_address < header.end_address,
      header.end_address <= 1 << 30
    else { return false }
    return elf.segments.allSatisfy {
      $0.virtualAddress == $0.physicalAddress && $0.virtualAddress >= header.load_address
        && $0.virtualAddress + $0.memorySize <= header.end_address
    }
  }
}

/// What is wrong with a probe image.
public enum ProbeImageError: Error, CustomStringConvertible, Sendable {
  case unreadable(String)
  case malformed(ELFError)
  case foreign(String, String)

  public var description: String {
    switch self {
    case .unreadable(let what): what
    case .malformed(let error): "\(error.description); build the probe again"
    case .foreign(let path, let found):
      "\(path): expected a NearMetal probe with interface version \(NM_ABI_VERSION), found \(found)"
    }
  }
}
