/// A file that is the disk. One that ends inside a sector is read as if it went on with zeros.
final class RawDriver: ImageDriver {
  let format = ImageFormat.raw
  let files: [ImageFile]
  let size: UInt64
  let blockSize: UInt64 = 512

  init(_ file: ImageFile) throws(ImageError) {
    guard let size = file.size.roundedUp(to: 512), size <= UInt64(Int64.max) else {
      throw ImageError(.malformed, file.path, "it is larger than a file can be")
    }
    files = [file]
    self.size = size
  }

  func find(_ offset: UInt64, _ count: UInt64) -> Extent { Extent(kind: .data, count: count, position: offset) }

  func survey(_ offset: UInt64, _ count: UInt64) -> Extent { surveyHoles(find(offset, count)) }

  func place(_ offset: UInt64, _ count: UInt64, instead extent: Extent) throws(ImageError) -> Placement {
    throw ImageError(.malformed, files[0].path, "a raw image places nothing")
  }

  func link(_ placement: Placement, _ range: Range<UInt64>) {}

  func zero(_ offset: UInt64, _ count: UInt64) -> UInt64 {
    // A hole past the file's end would not make it longer.
    guard offset + count <= files[0].size else { return 0 }
    return files[0].punch(count, at: offset) ? count : 0
  }

  func flush() throws(ImageError) { try files[0].synchronize() }

  func check(_ repair: CheckRepair) throws(ImageError) -> CheckReport {
    throw ImageError(.unsupported, files[0].path, "a raw image has nothing that could be checked")
  }

  var details: [ImageInfo.Detail] { [] }
}
