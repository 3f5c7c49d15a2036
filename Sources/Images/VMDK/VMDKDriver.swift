import CLinux
import Glibc
import LinuxSystem

/// A VMDK: a descriptor, and one extent after the other.
final class VMDKDriver: ImageDriver {
  /// A stretch of the disk.
  private struct Stretch {
    enum Content {
      case zero
      case flat(file: Int, position: UInt64)
      case sparse(SparseExtent)
    }

    var range: Range<UInt64>
    var content: Content
  }

  let format = ImageFormat.vmdk
  let files: [ImageFile]
  let size: UInt64
  let blockSize: UInt64
  private(set) var parent: ParentReference?
  private(set) var writeRefusal: String?
  private var descriptor: VMDKDescriptor
  private let stretches: [Stretch]
  /// Whether changes leave the content identifier as it is.
  var keepsIdentifier = false
  /// Where the descriptor is in the first file, and how much room it has there; nil where it is all of the file.
  private let room: Range<UInt64>?

  var contentIdentifier: UInt32 { descriptor.contentIdentifier }
  var placesInMemory: Bool { true }

  /// - Parameter open: opens another file that the descriptor names.
  init(_ file: ImageFile, open: (String) throws(ImageError) -> ImageFile) throws(ImageError) {
    var files = [file]
    var stretches: [Stretch] = []
    if SparseHeader(try file.bytes(SparseHeader.size, at: 0)) != nil {
      let extent = try SparseExtent(file, number: 0)
      let header = extent.header
      guard header.descriptorOffset > 0, header.descriptorSize > 0 else {
        throw ImageError(.unsupported, file.path, "it is an extent of another image, whose descriptor is to be opened")
      }
      let (offset, bytes) = (header.descriptorOffset.multipliedReportingOverflow(by: 512), header.descriptorSize)
      guard !offset.overflow, offset.partialValue < file.size, bytes <= UInt64(VMDKDescriptor.longest / 512) else {
        throw ImageError(.malformed, file.path, "its descriptor is past its end")
      }
      room = offset.partialValue..<(offset.partialValue + bytes * 512)
      descriptor = try VMDKDescriptor(try file.bytes(Int(bytes * 512), at: offset.partialValue), path: file.path)
      stretches = [Stretch(range: 0..<(header.capacity * 512), content: .sparse(extent))]
    } else {
      guard file.size <= UInt64(VMDKDescriptor.longest) else {
        throw ImageError(.malformed, file.path, "a descriptor of \(file.size) bytes")
      }
      room = nil
      descriptor = try VMDKDescriptor(try file.bytes(Int(file.size), at: 0), path: file.path)
      var start: UInt64 = 0
      for extent in descriptor.extents {
        let (end, overflow) = start.addingReportingOverflow(extent.size * 512)
        guard !overflow, end <= UInt64(Int64.max) else {
          throw ImageError(.malformed, file.path, "a disk of too many sectors")
        }
        stretches.append(Stretch(range: start..<end, content: try Self.content(extent, &files, file.path, open)))
        start = end
      }
    }
    self.files = files
    self.stretches = stretches.filter { !$0.range.isEmpty }
    size = stretches.last?.range.upperBound ?? 0
    let grains = stretches.compactMap { if case .sparse(let extent) = $0.content { extent } else { nil } }
    blockSize = grains.map(\.grainSize).max() ?? 512
    if grains.contains(where: \.header.isCompressed) {
      let size = blockSize
      guard grains.allSatisfy({ $0.grainSize == size }), stretches.allSatisfy({ $0.range.lowerBound % size == 0 })
      else { throw ImageError(.unsupported, file.path, "compressed extents that do not begin at a grain") }
      writeRefusal =
        "a stream-optimized image is written once, from its beginning to its end; image convert makes another"
    } else if descriptor.extents.contains(where: { !$0.isWritable }) {
      writeRefusal = "an extent of it is for reading only"
    }
    if descriptor.parentIdentifier != VMDKDescriptor.noParent {
      guard let name = descriptor.parentName else { throw ImageError(.malformed, file.path, "its parent has no name") }
      parent = ParentReference(
        name: Self.find(name, beside: file.path), format: .vmdk, identity: .vmdk(descriptor.parentIdentifier))
    }
  }

  private static func content(
    _ extent: VMDKDescriptor.Extent, _ files: inout [ImageFile], _ path: String,
    _ open: (String) throws(ImageError) -> ImageFile
  ) throws(ImageError) -> Stretch.Content {
    guard extent.kind != .zero, let name = extent.name else { return .zero }
    // Extents may share a file; a file is not opened twice.
    let file = try open(name)
    let known = files.firstIndex { $0.identity == file.identity }
    guard known != 0 else { throw ImageError(.malformed, path, "the descriptor is its own extent") }
    let number = known ?? files.count
    if known == nil { files.append(file) }
    if extent.kind == .sparse {
      let sparse = try SparseExtent(files[number], number: number)
      guard sparse.header.capacity >= extent.size else {
        throw ImageError(
          .malformed, path, "the extent \(name.printable) has \(sparse.header.capacity) sectors, not \(extent.size)")
      }
      return .sparse(sparse)
    }
    let (end, overflow) = (extent.offset * 512).addingReportingOverflow(extent.size * 512)
    guard !overflow, end <= files[number].size else {
      throw ImageError(.malformed, path, "the extent \(name.printable) ends before its \(extent.size) sectors")
    }
    return .flat(file: number, position: extent.offset * 512)
  }

  /// A parent's name that may come from another system: where there is no such file, the one of its name beside the image.
  private static func find(_ name: String, beside path: String) -> String {
    let name = String(name.map { $0 == "\\" ? "/" : $0 })
    let folder = ImageFolder.directory(of: path)
    let last = ImageFolder.name(of: name)
    let isThere = unsafe access(name.hasPrefix("/") ? name : "\(folder)/\(name)", F_OK) == 0
    return unsafe !isThere && access("\(folder)/\(last)", F_OK) == 0 ? last : name
  }

  // MARK: Finding

  private func stretch(_ offset: UInt64) -> Stretch {
    if stretches.count == 1 { return stretches[0] }
    var (low, high) = (0, stretches.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if stretches[middle].range.upperBound <= offset { low = middle + 1 } else { high = middle }
    }
    return stretches[low]
  }

  func find(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> Extent {
    let stretch = stretch(offset)
    let inside = offset - stretch.range.lowerBound
    let count = min(count, stretch.range.upperBound - offset)
    switch stretch.content {
    case .zero: return Extent(kind: .zero, count: count)
    case .flat(let file, let position):
      return Extent(kind: .data, count: count, file: file, position: position + inside)
    case .sparse(let extent): return try extent.find(inside, count)
    }
  }

  func survey(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> Extent {
    let extent = try find(offset, count)
    if case .flat = stretch(offset).content { return surveyHoles(extent) }
    return extent
  }

  func unfold(_ extent: Extent, at offset: UInt64, into block: UnsafeMutableRawBufferPointer) throws(ImageError) {
    let stretch = stretch(offset)
    guard case .sparse(let sparse) = stretch.content else { return }
    try unsafe sparse.unfold(extent, at: offset - stretch.range.lowerBound, into: block)
  }

  // MARK: Changing

  private var sparse: [SparseExtent] {
    stretches.compactMap { if case .sparse(let extent) = $0.content { extent } else { nil } }
  }

  func beginWriting() throws(ImageError) {
    for extent in sparse { try extent.setUnclean(true) }
    // Whoever has this image as its parent shall see that it changed.
    if keepsIdentifier { return }
    descriptor.setContentIdentifier(UInt32.random(in: 1..<0xFFFF_FFFE))
    try writeDescriptor()
  }

  private func writeDescriptor() throws(ImageError) {
    var bytes = descriptor.encoded
    let place = room?.lowerBound ?? 0
    if let room {
      guard bytes.count < room.count else {
        throw ImageError(.refused, files[0].path, "the descriptor has no room for that")
      }
      bytes += [UInt8](repeating: 0, count: room.count - bytes.count)
    }
    try files[0].write(bytes, at: place)
    if room == nil, files[0].size > UInt64(bytes.count) { try files[0].truncate(to: UInt64(bytes.count)) }
    try files[0].synchronize()
  }

  func place(_ offset: UInt64, _ count: UInt64, instead extent: Extent) throws(ImageError) -> Placement {
    let stretch = stretch(offset)
    guard case .sparse(let sparse) = stretch.content else {
      throw ImageError(.refused, files[0].path, "an extent of zeros cannot be written")
    }
    var placement = try sparse.place(
      offset - stretch.range.lowerBound, min(count, extent.count), hasContent: extent.kind == .absent && parent != nil)
    placement.block =
      (placement.block.lowerBound + stretch.range.lowerBound)..<(placement.block.upperBound + stretch.range.lowerBound)
    return placement
  }

  func link(_ placement: Placement, _ range: Range<UInt64>) throws(ImageError) {
    let stretch = stretch(range.lowerBound)
    guard case .sparse(let sparse) = stretch.content else { return }
    var placement = placement
    placement.block =
      (placement.block.lowerBound - stretch.range.lowerBound)..<(placement.block.upperBound - stretch.range.lowerBound)
    try sparse.link(placement)
  }

  func zero(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> UInt64 {
    let stretch = stretch(offset)
    let count = min(count, stretch.range.upperBound - offset)
    let inside = offset - stretch.range.lowerBound
    switch stretch.content {
    case .zero: return count
    case .flat(let file, let position): return files[file].punch(count, at: position + inside) ? count : 0
    case .sparse(let sparse): return try sparse.zero(inside, count, hasParent: parent != nil)
    }
  }

  var hasUnwrittenMetadata: Bool { sparse.contains(where: \.isDirty) }

  func flush() throws(ImageError) {
    for stretch in stretches {
      switch stretch.content {
      case .zero: break
      case .flat(let file, _): try files[file].synchronize()
      case .sparse(let extent): try extent.flush()
      }
    }
  }

  func settle() throws(ImageError) {
    try flush()
    for extent in sparse {
      try extent.trim()
      try extent.setUnclean(false)
    }
  }

  func setParent(_ parent: ParentReference?) throws(ImageError) {
    guard !sparse.isEmpty else { throw ImageError(.refused, files[0].path, "a flat image has no parent") }
    try flush()
    var named: (name: String, identifier: UInt32)?
    if let parent {
      guard case .vmdk(let identifier) = parent.identity else {
        throw ImageError(.refused, files[0].path, "the parent of a VMDK is a VMDK")
      }
      named = (parent.name, identifier)
    }
    descriptor.setParent(named)
    try writeDescriptor()
    self.parent = parent
  }

  var details: [ImageInfo.Detail] {
    var details = [
      ImageInfo.Detail("create-type", descriptor.createType.printable),
      ImageInfo.Detail("cid", descriptor.contentIdentifier),
      ImageInfo.Detail("parent-cid", descriptor.parentIdentifier),
      ImageInfo.Detail("extents", stretches.count),
    ]
    if sparse.contains(where: \.header.isUnclean) { details.append(ImageInfo.Detail("unclean", true)) }
    return details
  }

  func check(_ repair: CheckRepair) throws(ImageError) -> CheckReport {
    var report = CheckReport(self)
    for stretch in stretches {
      switch stretch.content {
      case .zero: break
      case .flat: report.allocatedClusters += UInt64(stretch.range.count).divided(roundingUp: blockSize)
      case .sparse(let extent): try extent.check(repair, &report)
      }
    }
    return report
  }
}
