import LinuxSystem
import Results

/// One folder with the last result of each host and suite: `HOST/SUITE/result.json`, or `HOST/SUITE.tar.zst` for a bundle, which stays as
/// it was signed. Collecting again takes what is newer.
public struct FleetCollection {
  public let folder: String
  /// Results that were copied, and those that were there already, or a later one.
  public private(set) var taken = 0
  public private(set) var known = 0

  public init(_ folder: String) { self.folder = folder }

  /// Copies what a reader took. One that is interrupted has copied whole results.
  /// - Parameters:
  ///   - hosts: the results that the reader took, with where they are.
  ///   - existing: what the folder holds.
  /// - Throws: `FileError` of what cannot be read any more, or not be written.
  public mutating func add(_ hosts: [FleetHost], existing: [FleetHost]) throws(FileError) {
    var latest: [[String]: String] = [:]
    for host in existing { latest[[host.name, host.suite]] = host.startedAt }
    for host in hosts {
      if let there = latest[[host.name, host.suite]], there >= host.startedAt {
        known += 1
        continue
      }
      let isBundle = host.path.hasSuffix(FleetReader.bundleEnding)
      let bytes = try AtomicFile.read(host.path)
      let base = "\(folder)/\(host.name)"
      try AtomicFile.makeDirectory(base)
      let (bundle, result) = ("\(base)/\(host.suite)\(FleetReader.bundleEnding)", "\(base)/\(host.suite)")
      if isBundle {
        try AtomicFile.write(bytes, to: bundle)
      } else {
        try AtomicFile.makeDirectory(result)
        try AtomicFile.write(bytes, to: "\(result)/\(ResultStore.fileName)")
      }
      // One of the other kind is an earlier result of the same.
      let other = isBundle ? "\(result)/\(ResultStore.fileName)" : bundle
      if AtomicFile.exists(other) { try AtomicFile.remove(other) }
      taken += 1
    }
  }
}
