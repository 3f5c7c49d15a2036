/// Whether two disks hold the same.
public enum ImageComparison {
  /// The first difference, if there is one.
  public enum Outcome: Sendable, Equatable {
    case identical
    /// The first byte that differs.
    case content(at: UInt64)
    /// The sizes differ, and where the larger one goes on it is not all zero; or differ at all, where that was to count.
    case size
  }

  private static let step: UInt64 = 1 << 20

  /// Reads both disks; stretches that are zero in both are passed over. Blocks for as long as that takes.
  /// - Parameters:
  ///   - one: the first disk, open.
  ///   - other: the second disk, open.
  ///   - isStrict: whether different sizes count even where what is more is zero (`-s`).
  ///   - task: told how far it is, and asked whether it should go on.
  public static func compare(
    _ one: VirtualDisk, _ other: VirtualDisk, isStrict: Bool = false, _ task: ImageTask = ImageTask()
  ) throws(ImageError) -> Outcome {
    if isStrict && one.size != other.size { return .size }
    let shared = min(one.size, other.size)
    var left = [UInt8](repeating: 0, count: Int(step))
    var right = left
    var offset: UInt64 = 0
    while offset < shared {
      try task.step(offset, of: max(one.size, other.size), one.path)
      let (first, second) = (try one.extent(at: offset, shared - offset), try other.extent(at: offset, shared - offset))
      let count = min(first.length, second.length)
      if first.zero && second.zero {
        offset += count
        continue
      }
      let piece = Int(min(step, shared - offset))
      try one.fill(&left, piece, at: offset)
      try other.fill(&right, piece, at: offset)
      if left[..<piece] != right[..<piece] {
        return .content(at: offset + UInt64((0..<piece).first { left[$0] != right[$0] } ?? 0))
      }
      offset += UInt64(piece)
    }
    if let at = try rest(of: one.size > other.size ? one : other, from: shared, &left, task) { return .content(at: at) }
    task.report(max(one.size, other.size), max(one.size, other.size))
    return .identical
  }

  /// The first byte that is not zero where only one of the disks goes on.
  private static func rest(
    of disk: VirtualDisk, from start: UInt64, _ buffer: inout [UInt8], _ task: ImageTask
  ) throws(ImageError) -> UInt64? {
    var offset = start
    while offset < disk.size {
      try task.step(offset, of: disk.size, disk.path)
      let extent = try disk.extent(at: offset, disk.size - offset)
      if extent.zero {
        offset += extent.length
        continue
      }
      let piece = Int(min(step, disk.size - offset))
      try disk.fill(&buffer, piece, at: offset)
      if let place = buffer[..<piece].firstIndex(where: { $0 != 0 }) { return offset + UInt64(place) }
      offset += UInt64(piece)
    }
    return nil
  }
}

extension VirtualDisk {
  /// Reads into the beginning of a buffer.
  func fill(_ buffer: inout [UInt8], _ count: Int, at offset: UInt64) throws(ImageError) {
    var failure: ImageError?
    unsafe buffer.withUnsafeMutableBytes { bytes in
      do throws(ImageError) {
        try unsafe read(UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]), at: offset)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// Writes the beginning of a buffer.
  func write(_ buffer: [UInt8], _ count: Int, at offset: UInt64) throws(ImageError) {
    var failure: ImageError?
    unsafe buffer.withUnsafeBytes { bytes in
      do throws(ImageError) { try unsafe write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: offset) } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }
}
