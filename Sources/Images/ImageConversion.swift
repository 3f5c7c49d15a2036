import LinuxSystem
import SystemPackage

/// Copies of a disk's content in another format.
public enum ImageConversion {
  public struct Settings: Sendable {
    /// Whether a file that is there may be replaced.
    public var replaces = false
    /// Whether the disk has the image when it gets its name (`-t writeback`), or only the page cache (`-t unsafe`).
    public var isDurable = true
    /// Zeros of so many bytes in a row take no space (`-S`); 0 writes them all.
    public var sparse = 4096

    public init() {}
  }

  /// Makes an image with the content of a disk. Blocks for as long as that takes.
  /// - Throws: ``ImageError``; nothing is left behind then, and what was at `path` is as it was.
  public static func convert(
    _ source: VirtualDisk, to path: String, _ options: ImageOptions, _ settings: Settings = Settings(),
    _ task: ImageTask = ImageTask()
  ) throws(ImageError) {
    guard options.parentName == nil else {
      throw ImageError(.refused, path, "a copy has no parent; image create makes an image with one")
    }
    try convert(source, to: OutputFiles(path, replaces: settings.replaces), options, settings, task)
  }

  static func convert(
    _ source: VirtualDisk, to outputs: OutputFiles, _ options: ImageOptions, _ settings: Settings, _ task: ImageTask
  ) throws(ImageError) {
    if options.isStream {
      try stream(source, outputs, options, task)
    } else {
      let target = try ImageCreation.make(outputs, options, size: source.size)
      // Nobody knows the file until it has its name; it is made durable then.
      target.isDurable = false
      try copy(source, to: target, settings, task)
      try target.close()
      target.isDurable = true
    }
    try outputs.publish(isDurable: settings.isDurable)
    task.report(source.size, source.size)
  }

  static func copy(
    _ source: VirtualDisk, to target: VirtualDisk, _ settings: Settings, _ task: ImageTask
  ) throws(ImageError) {
    let reader = try ReadAhead(source, sparse: settings.sparse)
    while let piece = try reader.next() {
      try task.step(piece.offset, of: target.size, target.path)
      for part in piece.parts {
        try unsafe target.write(
          UnsafeRawBufferPointer(rebasing: piece.bytes[part]), at: piece.offset + UInt64(part.lowerBound))
      }
      reader.done(piece)
    }
  }

  /// Grains that are not zero, one behind the other.
  private static func stream(
    _ source: VirtualDisk, _ outputs: OutputFiles, _ options: ImageOptions, _ task: ImageTask
  ) throws(ImageError) {
    let file = try outputs.make(outputs.path)
    let writer = try StreamOptimizedWriter(
      file, name: ImageFolder.name(of: outputs.path), size: source.size, adapter: options.vmdk.adapter,
      hardware: options.vmdk.hardware)
    let reader = try ReadAhead(source, sparse: StreamOptimizedWriter.grainSize)
    while let piece = try reader.next() {
      try task.step(piece.offset, of: source.size, outputs.path)
      try append(piece, to: writer, outputs.path)
      reader.done(piece)
    }
    try writer.finish()
  }

  private static func append(
    _ piece: ReadAhead.Piece, to writer: StreamOptimizedWriter, _ path: String
  ) throws(ImageError) {
    let size = StreamOptimizedWriter.grainSize
    // A piece that begins behind zeros may begin inside a grain.
    precondition(piece.offset % UInt64(size) == 0, "pieces begin at a grain")
    for part in piece.parts {
      for start in stride(from: part.lowerBound, to: part.upperBound, by: size) {
        let grain = unsafe UnsafeRawBufferPointer(rebasing: piece.bytes[start..<min(start + size, part.upperBound)])
        // The last grain of a disk is as long as the others.
        let whole = unsafe [UInt8](grain) + [UInt8](repeating: 0, count: size - grain.count)
        guard let folded = unsafe whole.withUnsafeBytes({ unsafe Deflate.fold($0, .zlib) }) else {
          throw ImageError(.writing, path, "no memory to compress with", errno: .noMemory)
        }
        try writer.append(folded, grain: (piece.offset + UInt64(start)) / UInt64(size))
      }
    }
  }
}
