import Glibc
import LinuxSystem

/// An opened image with its parents: a disk that can be read and written at any sector. A thread at a time.
///
/// Offsets and counts are in bytes and multiples of 512. Calls block. What was written is durable after ``flush()``.
@safe public final class VirtualDisk {
  let driver: any ImageDriver
  private(set) var parent: VirtualDisk?
  public let isReadOnly: Bool
  private var isWriting = false
  /// Room for a block that is put together or unfolded, and which compressed block it holds.
  private var room: Room?
  private var unfolded: Extent?

  public var path: String { driver.files[0].path }
  public var format: ImageFormat { driver.format }
  /// Bytes, a multiple of 512.
  public var size: UInt64 { driver.size }
  public var info: ImageInfo { ImageInfo(driver) }

  private final class Room {
    let memory: Mapping
    init(_ memory: consuming Mapping) { self.memory = memory }
  }

  /// Parents that a chain may have: each costs its caches.
  static let deepest = 64

  /// Opens an image, and its parents read-only.
  /// - Throws: ``ImageError``: no such file; metadata that contradicts itself; a feature that is not supported; a parent outside
  ///   the image's folder, or one that is its own parent.
  public static func open(_ path: String, _ options: OpenOptions = OpenOptions()) throws(ImageError) -> VirtualDisk {
    var seen: Set<FileIdentity> = []
    return try open(path, options, &seen, depth: 0)
  }

  private static func open(
    _ path: String, _ options: OpenOptions, _ seen: inout Set<FileIdentity>, depth: Int
  ) throws(ImageError) -> VirtualDisk {
    let file = try ImageFile(path, readOnly: options.readOnly, isDirect: options.isDirect, isShared: options.isShared)
    guard seen.insert(file.identity).inserted else {
      throw ImageError(.malformed, path, "it is its own parent, by way of \(seen.count) images")
    }
    guard depth <= deepest else {
      throw ImageError(.unsupported, path, "it has more than \(deepest) parents")
    }
    let driver = try driver(file, options)
    if !options.readOnly, !options.isForRepair, let reason = driver.writeRefusal {
      throw ImageError(.refused, path, reason)
    }
    guard options.opensParents, let reference = driver.parent else {
      return VirtualDisk(driver, parent: nil, isReadOnly: options.readOnly)
    }
    var further = options
    further.format = reference.format
    further.readOnly = !(options.writesParent && depth == 0)
    let target = try options.resolve(reference.name, of: path, anywhere: options.allowsParentsAnywhere)
    let parent = try open(target, further, &seen, depth: depth + 1)
    if let identity = reference.identity { try ParentCheck.hold(parent.driver, against: identity, child: path) }
    return VirtualDisk(driver, parent: parent, isReadOnly: options.readOnly)
  }

  private static func driver(_ file: ImageFile, _ options: OpenOptions) throws(ImageError) -> any ImageDriver {
    let format: ImageFormat
    if let given = options.format { format = given } else { format = try ImageFormat.probe(file) }
    switch format {
    case .raw: return try RawDriver(file)
    case .vpc: return try VHDDriver(file)
    case .vhdx: return try VHDXDriver(file)
    case .qcow2: return try QCOW2Driver(file, options)
    case .vmdk:
      return try VMDKDriver(file) { name throws(ImageError) in
        let path = try options.resolve(name, of: file.path, anywhere: false)
        return try ImageFile(path, readOnly: options.readOnly, isDirect: options.isDirect, isShared: options.isShared)
      }
    }
  }

  init(_ driver: any ImageDriver, parent: VirtualDisk?, isReadOnly: Bool) {
    self.driver = driver
    self.parent = parent
    self.isReadOnly = isReadOnly
  }

  private func refuse(outside offset: UInt64, _ count: UInt64) throws(ImageError) {
    let (end, overflow) = offset.addingReportingOverflow(count)
    guard !overflow, end <= size, (offset | count) & 511 == 0 else {
      throw ImageError(.refused, path, "no sectors from \(offset), \(count) bytes, on a disk of \(size)")
    }
  }

  // MARK: Reading

  /// Fills the buffer from the disk.
  public func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(ImageError) {
    try refuse(outside: offset, UInt64(buffer.count))
    try unsafe readInside(buffer, at: offset)
  }

  /// As `read`, for a range that need not be of whole sectors.
  private func readInside(_ buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(ImageError) {
    var done = 0
    while done < buffer.count {
      let position = offset + UInt64(done)
      let extent = try driver.find(position, UInt64(buffer.count - done))
      let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done..<(done + Int(extent.count))])
      try unsafe read(extent, position, into: part)
      done += Int(extent.count)
    }
  }

  private func read(
    _ extent: Extent, _ offset: UInt64, into part: UnsafeMutableRawBufferPointer
  ) throws(ImageError) {
    switch extent.kind {
    case .data: try unsafe driver.files[extent.file].read(part, at: extent.position)
    case .zero: unsafe part.initializeMemory(as: UInt8.self, repeating: 0)
    case .absent:
      // A parent may be shorter; behind its end the disk is zero.
      let there = Int(min(UInt64(part.count), max(parent?.size ?? 0, offset) - offset))
      if there > 0 {
        try unsafe parent!.readInside(UnsafeMutableRawBufferPointer(rebasing: part[..<there]), at: offset)
      }
      unsafe UnsafeMutableRawBufferPointer(rebasing: part[there...]).initializeMemory(as: UInt8.self, repeating: 0)
    case .compressed:
      let inside = Int(offset & (driver.blockSize - 1))
      let block = try unsafe makeRoom(Int(driver.blockSize))
      if unfolded?.position != extent.position || unfolded?.file != extent.file {
        unfolded = nil
        try unsafe driver.unfold(extent, at: offset, into: block)
        unfolded = extent
      }
      unsafe part.copyMemory(from: UnsafeRawBufferPointer(rebasing: block[inside..<(inside + part.count)]))
    }
  }

  private func makeRoom(_ count: Int) throws(ImageError) -> UnsafeMutableRawBufferPointer {
    if let room, room.memory.count >= count {
      return unsafe UnsafeMutableRawBufferPointer(start: room.memory.base, count: count)
    }
    unfolded = nil
    let new: Room
    do throws(SystemError) { new = Room(try Mapping.anonymous(count: count)) } catch {
      throw ImageError(error, .reading, path)
    }
    room = new
    return unsafe UnsafeMutableRawBufferPointer(start: new.memory.base, count: count)
  }

  /// Whether flushes wait for the disk; without that, a file that nobody knows yet is made faster.
  var isDurable: Bool {
    get { driver.files[0].isDurable }
    set { for file in driver.files { file.isDurable = newValue } }
  }

  // MARK: Writing

  /// Called before every change: once for the image to say that it is being changed.
  func prepareToWrite() throws(ImageError) {
    guard !isReadOnly else { throw .readOnly(path) }
    if !isWriting {
      try driver.beginWriting()
      isWriting = true
    }
  }

  /// Writes the buffer to the disk.
  public func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(ImageError) {
    try refuse(outside: offset, UInt64(buffer.count))
    try prepareToWrite()
    var done = 0
    while done < buffer.count {
      let position = offset + UInt64(done)
      let extent = try driver.find(position, UInt64(buffer.count - done))
      let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
      if extent.kind == .data && !extent.isShared {
        let part = unsafe UnsafeRawBufferPointer(rebasing: rest[..<Int(extent.count)])
        try unsafe driver.files[extent.file].write(part, at: extent.position)
        done += Int(extent.count)
      } else {
        done += try unsafe writeNew(rest, position, extent)
      }
    }
  }

  /// Writes the beginning of a buffer to where the image has nothing of its own yet. Returns the bytes that were written.
  private func writeNew(
    _ buffer: UnsafeRawBufferPointer, _ offset: UInt64, _ extent: Extent
  ) throws(ImageError) -> Int {
    let placement = try driver.place(offset, UInt64(buffer.count), instead: extent)
    let range = offset..<min(offset + UInt64(buffer.count), placement.block.upperBound)
    let part = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<range.count])
    if placement.needsRest && range != placement.block {
      let block = try unsafe readBlock(placement.block)
      unsafe UnsafeMutableRawBufferPointer(rebasing: block[Int(offset - placement.block.lowerBound)...]).copyMemory(
        from: part)
      try unsafe driver.files[placement.file].write(UnsafeRawBufferPointer(block), at: placement.position)
    } else {
      try unsafe driver.files[placement.file].write(
        part, at: placement.position + (offset - placement.block.lowerBound))
    }
    try driver.link(placement, range)
    return part.count
  }

  /// What a block holds now, in memory that is good until the next one.
  func readBlock(_ range: Range<UInt64>) throws(ImageError) -> UnsafeMutableRawBufferPointer {
    let count = Int(range.upperBound - range.lowerBound)
    // Behind the block that is put together there is room for one that is unfolded to read it.
    let memory = try unsafe makeRoom(Int(driver.blockSize) + count)
    let block = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[Int(driver.blockSize)...].prefix(count))
    let there = Int(min(range.upperBound, size) - range.lowerBound)
    try unsafe readInside(UnsafeMutableRawBufferPointer(rebasing: block[..<there]), at: range.lowerBound)
    if there < count { unsafe memset(block.baseAddress! + there, 0, count - there) }
    return unsafe block
  }

  /// Makes a range read as zeros, without taking space where the format can.
  public func zero(_ offset: UInt64, _ count: UInt64) throws(ImageError) {
    try refuse(outside: offset, count)
    try prepareToWrite()
    var position = offset
    while position < offset + count {
      let rest = offset + count - position
      let extent = try driver.find(position, rest)
      if extent.kind == .zero || (extent.kind == .absent && parent == nil) {
        position += extent.count
        continue
      }
      let done = try driver.zero(position, rest)
      if done > 0 {
        position += done
      } else {
        position += try writeZeros(position, min(rest, extent.count))
      }
    }
  }

  private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

  /// Writes zeros up to the end of the block at most. Returns the bytes that were written.
  private func writeZeros(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> UInt64 {
    let end = (offset | (max(driver.blockSize, UInt64(Self.zeros.count)) - 1)) + 1
    let count = min(count, end - offset, UInt64(Self.zeros.count))
    var failure: ImageError?
    unsafe Self.zeros.withUnsafeBytes { zeros in
      do throws(ImageError) {
        try unsafe write(UnsafeRawBufferPointer(rebasing: zeros[..<Int(count)]), at: offset)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return count
  }

  /// Makes finished writes durable, data and metadata.
  public func flush() throws(ImageError) {
    if !isReadOnly { try driver.flush() }
  }

  /// Makes everything durable and marks the image as left in order. A disk that is not closed stays usable: what was flushed is
  /// there, and a check may have something to set right.
  public func close() throws(ImageError) {
    guard isWriting else { return }
    try driver.settle()
    isWriting = false
  }

  /// Lets other programs, and other parts of this one, have the files that are open for writing. It cannot be used any more.
  func release() { for file in driver.files { file.unlock() } }
}
