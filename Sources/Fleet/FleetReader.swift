import LinuxSystem
import Results

/// Reads the results of many hosts from folders, whoever put them there.
///
/// A folder of a host holds its `result.json`, at most four folders below the one that is read, or it is a bundle; the first part
/// of the way is the host's name. Of several results of a host with one suite the last counts.
public struct FleetReader {
  /// The result in a bundle, which is verified on the way; the reason where it is not to be trusted or holds none.
  public typealias Unpacking = (_ path: String) -> Result<[UInt8], FleetProblem>

  /// Something that was left out.
  public struct FleetProblem: Error, Sendable, Equatable {
    public let path: String
    public let reason: String

    public init(_ path: String, _ reason: String) { (self.path, self.reason) = (path, reason) }
  }

  public private(set) var hosts: [FleetHost] = []
  public private(set) var leftOut: [FleetProblem] = []

  private static let deepest = 4
  static let bundleEnding = ".tar.zst"
  private let unpack: Unpacking
  /// Results that begin later were dated by a clock that is wrong.
  private let latest: String

  /// - Parameters:
  ///   - latest: the time now, as results have it.
  ///   - unpack: takes the result out of a bundle.
  public init(latest: String, unpack: @escaping Unpacking) {
    (self.latest, self.unpack) = (latest, unpack)
  }

  /// Reads all that a folder holds.
  public mutating func read(_ folder: String) {
    let base = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    if base.hasSuffix(Self.bundleEnding) || !AtomicFile.isDirectory(base) {
      take(base, host: Self.name(base))
    } else if AtomicFile.exists("\(base)/\(ResultStore.fileName)") {
      take("\(base)/\(ResultStore.fileName)", host: Self.name(base))
    } else {
      for entry in entries(base) { descend("\(base)/\(entry)", host: Self.name(entry), depth: 1) }
    }
  }

  /// Keeps of each host and suite the last result, and sorts them by name.
  public mutating func finish() {
    let order = hosts.sorted { ($0.name, $0.suite, $0.startedAt, $0.path) < ($1.name, $1.suite, $1.startedAt, $1.path) }
    hosts = []
    for (index, host) in order.enumerated() {
      if index + 1 < order.count, order[index + 1].name == host.name, order[index + 1].suite == host.suite {
        leftOut.append(
          FleetProblem(host.path, "\(host.name) has a later result of suite \(host.suite): \(order[index + 1].path)"))
      } else {
        hosts.append(host)
      }
    }
  }

  private mutating func descend(_ path: String, host: String, depth: Int) {
    if path.hasSuffix(Self.bundleEnding) { return take(path, host: host) }
    guard AtomicFile.isDirectory(path) else { return }
    if AtomicFile.exists("\(path)/\(ResultStore.fileName)") {
      return take("\(path)/\(ResultStore.fileName)", host: host)
    }
    guard depth < Self.deepest else { return }
    for entry in entries(path) { descend("\(path)/\(entry)", host: host, depth: depth + 1) }
  }

  private mutating func take(_ path: String, host: String) {
    do throws(FleetProblem) {
      let bytes: [UInt8]
      if path.hasSuffix(Self.bundleEnding) {
        bytes = try unpack(path).get()
      } else {
        do throws(FileError) { bytes = try AtomicFile.read(path) } catch { throw FleetProblem(path, "\(error)") }
      }
      let result: FleetResult
      do throws(ResultReadError) { result = try FleetResult.decode(bytes, path: path) } catch {
        throw FleetProblem(path, "\(error)")
      }
      if let injection = result.run.injection { throw FleetProblem(path, "it was slowed on purpose (\(injection))") }
      guard result.run.startedAt <= latest else {
        throw FleetProblem(path, "it begins at \(result.run.startedAt), after now (\(latest)): set the host's clock")
      }
      let read = FleetHost(name: host, path: path, result)
      guard !read.figures.isEmpty else { throw FleetProblem(path, "it has no figure of a nearmetal guest") }
      hosts.append(read)
    } catch { leftOut.append(error) }
  }

  private mutating func entries(_ folder: String) -> [String] {
    do throws(Unavailable) { return try HostFiles().entries(folder).sorted() } catch {
      leftOut.append(FleetProblem(folder, "\(error)"))
      return []
    }
  }

  /// The last part of a way, without a bundle's ending.
  private static func name(_ path: String) -> String {
    let last = path.split(separator: "/").last.map(String.init) ?? path
    return last.hasSuffix(bundleEnding) ? String(last.dropLast(bundleEnding.count)) : last
  }
}
