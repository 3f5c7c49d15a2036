/// A kernel in Linux's bzImage format, read with every bound checked (Linux, Documentation/arch/x86/boot.rst: "The Real-Mode Kernel
/// Header"). Only what can be entered in 64-bit mode is one: boot protocol 2.12 or later.
public struct LinuxImage: Sendable {
  /// Offsets in the file, which are also those in the boot parameters.
  enum Field {
    static let setupSectors = 0x1f1
    static let bootFlag = 0x1fe
    static let jump = 0x200
    static let magic = 0x202
    static let version = 0x206
    static let loadFlags = 0x211
    static let initrdMaximum = 0x22c
    static let alignment = 0x230
    static let isRelocatable = 0x234
    static let loadFeatures = 0x236
    static let commandLineSize = 0x238
    static let preferredAddress = 0x258
    static let initSize = 0x260
    /// The end of the fields that are read here; the file must have them.
    static let end = 0x264
  }

  /// The oldest boot protocol with `xloadflags`, which say that there is a 64-bit entry.
  static let oldestVersion: UInt16 = 0x020c

  /// The setup header as it goes into the boot parameters at 0x1f1: from there to its end, which the jump instruction at its head
  /// names ("The 64-bit boot protocol").
  let header: ArraySlice<UInt8>
  /// What is copied to where the kernel runs.
  let kernel: ArraySlice<UInt8>
  /// Where it would like to run, and goes.
  let preferredAddress: UInt64
  /// Bytes from there that it uses before it reads the memory map.
  let initSize: UInt64
  /// The last address of an initial RAM disk.
  let initrdMaximum: UInt64
  /// Bytes of the longest command line, without the zero.
  let commandLineSize: Int

  /// Whether bytes look like one: what else they may be is for others to say.
  public static func isImage(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 0x208 && bytes[Field.bootFlag] == 0x55 && bytes[Field.bootFlag + 1] == 0xaa
      && bytes[Field.magic..<Field.magic + 4].elementsEqual("HdrS".utf8)
  }

  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: of the file, for messages.
  public init(_ bytes: [UInt8], name: String) throws(LinuxBootError) {
    guard Self.isImage(bytes) else { throw .notAKernel(name) }
    let version = Self.load(bytes, Field.version, as: UInt16.self)
    guard version >= Self.oldestVersion, bytes.count >= Field.end else {
      throw .tooOld(name, "\(version >> 8).\(version & 0xff)")
    }
    let features = Self.load(bytes, Field.loadFeatures, as: UInt16.self)
    guard features & 1 != 0, bytes[Field.loadFlags] & 1 != 0 else { throw .not64Bit(name) }
    // Zero stands for four, as in kernels of the first years.
    let sectors = bytes[Field.setupSectors] == 0 ? 4 : Int(bytes[Field.setupSectors])
    let start = (sectors + 1) * 512
    guard start + 0x200 < bytes.count else { throw .truncated(name, bytes.count) }
    let end = Field.magic + Int(bytes[Field.jump + 1])
    guard end >= Field.end, end <= BootParameters.headerEnd else {
      throw .damaged(name, "its setup header ends at \(end)")
    }
    header = bytes[Field.setupSectors..<end]
    kernel = bytes[start...]
    preferredAddress = Self.load(bytes, Field.preferredAddress, as: UInt64.self)
    initSize = max(UInt64(Self.load(bytes, Field.initSize, as: UInt32.self)), UInt64(kernel.count))
    initrdMaximum = UInt64(Self.load(bytes, Field.initrdMaximum, as: UInt32.self))
    commandLineSize = Int(Self.load(bytes, Field.commandLineSize, as: UInt32.self))
    // One that cannot be moved has no alignment.
    let alignment = UInt64(Self.load(bytes, Field.alignment, as: UInt32.self))
    guard
      bytes[Field.isRelocatable] == 0
        || (alignment > 0 && alignment & (alignment - 1) == 0 && preferredAddress % alignment == 0)
    else {
      throw .damaged(name, "it wants to be at \(preferredAddress), aligned to \(alignment)")
    }
  }

  private static func load<Value: FixedWidthInteger>(_ bytes: [UInt8], _ offset: Int, as type: Value.Type) -> Value {
    (0..<Value.bitWidth / 8).reduce(0) { $0 | Value(bytes[offset + $1]) << Value(8 * $1) }
  }
}

/// A kernel that cannot be booted, or what goes with it.
public enum LinuxBootError: Error, CustomStringConvertible, Sendable, Equatable {
  case notAKernel(String)
  case tooOld(String, String)
  case not64Bit(String)
  case truncated(String, Int)
  case damaged(String, String)
  case noRoom(String, UInt64)
  case commandLineTooLong(Int, Int)

  public var description: String {
    switch self {
    case .notAKernel(let name):
      "\(name): no kernel: expected a bzImage (boot flag and \"HdrS\")"
    case .tooOld(let name, let version):
      "\(name): a kernel of boot protocol \(version); expected 2.12 or later (Linux 3.8, 64-bit)"
    case .not64Bit(let name): "\(name): a 32-bit kernel, without a 64-bit entry; expected one for x86-64"
    case .truncated(let name, let size): "\(name): ends after \(size) bytes, before the kernel itself"
    case .damaged(let name, let reason): "\(name): a damaged kernel: \(reason)"
    case .noRoom(let what, let memory):
      "\(what) does not fit into \(memory >> 20) MiB of guest memory; give the guest more with --memory, or by memory: in a suite"
    case .commandLineTooLong(let size, let limit):
      "the command line has \(size) bytes; this kernel takes at most \(limit)"
    }
  }
}
