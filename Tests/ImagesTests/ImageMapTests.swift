import Foundation
import Storage
import Testing

@testable import Images

/// What an image leaves to the engine below it: whatever lies in one piece in any file of its chain.
@Suite struct ImageMapTests {
  @Test func rangesInAnyExtentAreLeftToTheEngine() throws {
    let fixture = ImageFixture()
    let path = fixture["a.vmdk"]
    let size: UInt64 = 5 << 30
    try ImageCreation.create(path, ImageOptions(.vmdk, ["subformat=twoGbMaxExtentSparse"], path: path), size: size)
    let disk = try VirtualDisk.open(path, OpenOptions(readOnly: false))
    for offset in [0, 3 << 30, size - 65536] {
      try disk.write(pattern(sectors: 128, first: offset / 512, generation: 1), at: offset)
    }
    try disk.close()
    disk.release()
    let map = try ImageMap(path, OpenOptions())
    // The first file is the descriptor.
    #expect(map.files.count == 4)
    #expect(try #require(map.place(4096, 4096, writing: false)).file == 1)
    #expect(try #require(map.place(3 << 30, 65536, writing: false)).file == 2)
    let place = try #require(map.place(size - 4096, 4096, writing: false))
    #expect(place.file == 3)
    let file = try FileHandle(forReadingFrom: URL(filePath: map.files[3].path))
    try file.seek(toOffset: place.offset)
    #expect(try file.read(upToCount: 4096) == Data(pattern(sectors: 8, first: (size - 4096) / 512, generation: 1)))
    #expect(map.place(1 << 30, 4096, writing: false) == nil, "nothing is there, and zeros are made here")
  }

  @Test(arguments: [ImageFormat.qcow2, .vpc, .vmdk])
  func whatOnlyAParentHasIsReadThereAndNeverWrittenThere(format: ImageFormat) throws {
    let fixture = ImageFixture()
    let (base, top) = (fixture["base.\(format.rawValue)"], fixture["top.\(format.rawValue)"])
    try ImageCreation.create(base, ImageOptions(format, path: base), size: 8 << 20)
    let lower = try VirtualDisk.open(base, OpenOptions(readOnly: false))
    try lower.write(pattern(sectors: 256, first: 0, generation: 1), at: 0)
    try lower.close()
    lower.release()
    let options = ["backing_file=base.\(format.rawValue)"] + (format == .vpc ? ["subformat=differencing"] : [])
    try ImageCreation.create(top, ImageOptions(format, options, path: top), size: nil)
    let map = try ImageMap(top, OpenOptions(readOnly: false))
    #expect(map.files.map(\.isReadOnly) == [false, true])
    #expect(try #require(map.place(4096, 4096, writing: false)).file == 1)
    #expect(map.place(4096, 4096, writing: true)?.file != 1)
    #expect(map.place(4 << 20, 4096, writing: false) == nil, "neither has it")
  }

  /// The engine, whose requests go to several files, gives the bytes that the image has.
  @Test(arguments: [false, true]) func theEngineReadsEveryFileOfAChain(isDirect: Bool) throws {
    let folder = "/var/tmp/nearmetal-chain-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(pattern(sectors: 4096, first: 0, generation: 1)).write(to: URL(filePath: "\(folder)/base.raw"))
    let top = "\(folder)/top.qcow2"
    try ImageCreation.create(
      top, ImageOptions(.qcow2, ["backing_file=base.raw", "backing_fmt=raw"], path: top), size: nil)
    let disk = try VirtualDisk.open(top, OpenOptions(readOnly: false))
    try disk.write(pattern(sectors: 128, first: 1024, generation: 2), at: 1024 * 512)
    try disk.close()
    disk.release()
    var engine = try BackingSpecification.image(top, OpenOptions(isDirect: isDirect)).open(readOnly: true)
    for (first, generation) in [(UInt64(0), UInt64(1)), (1024, 2), (3000, 1)] {
      let bytes = try read(&engine, at: first * 512, 4096)
      #expect(bytes == pattern(sectors: 8, first: first, generation: generation), "sector \(first)")
    }
  }

  private func read(_ engine: inout Backing, at offset: UInt64, _ count: Int) throws -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 4096)
    defer { unsafe buffer.deallocate() }
    let request = unsafe StorageRequest(.read, token: 7, offset: offset, count: count, buffer: buffer.baseAddress)
    var completion = engine.submit(request)
    let one = UnsafeMutableBufferPointer<StorageCompletion>.allocate(capacity: 1)
    defer { unsafe one.deallocate() }
    engine.kick()
    if completion == nil, unsafe engine.reap(into: one, wait: true) == 1 { completion = unsafe one[0] }
    #expect(completion?.error == 0)
    return unsafe [UInt8](buffer)
  }
}
