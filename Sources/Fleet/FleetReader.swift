import Dispatch
import LinuxSystem
import Results
import Synchronization

/// Reads the results of many hosts from folders, whoever put them there.
///
/// A folder of a host holds its `result.json`, at most four folders below the one that is read, or it is a bundle; the first part of
/// the way is the host's name. Of several results of a host with one suite the last counts, unless the fleet's jobs were to repeat it:
/// then all do. What is one run is taken once.
///
/// A bundle that is not what it says is left out, and so is what its host has besides without a signature. Where more than half of the
/// bundles were signed with one key, those of other keys are left out: whoever changes a bundle can sign it anew, only not with that key.
public struct FleetReader {
  /// The result in a bundle, and the fingerprint of the key that signed it.
  public struct Unpacked: Sendable {
    public let result: [UInt8]
    public let signer: String

    public init(result: [UInt8], signer: String) { (self.result, self.signer) = (result, signer) }
  }

  /// Verifies a bundle and takes its result out; the reason where it is not to be trusted or holds none.
  public typealias Unpacking = @Sendable (_ path: String) -> Result<Unpacked, FleetProblem>

  public private(set) var hosts: [FleetHost] = []
  public private(set) var leftOut: [FleetProblem] = []
  /// Jobs of folders that a fleet was handed in with.
  public private(set) var jobs: [FleetJobs] = []

  private static let deepest = 4
  /// What a qualification keeps while it goes on, and afterwards.
  static let qualificationJournal = "journal.jsonl"
  static let bundleEnding = ".tar.zst"
  private let unpack: Unpacking
  private let latest: String
  private let isSignatureNeeded: Bool
  /// Hosts with a bundle that was left out, and where that is.
  private var distrusted: [String: String] = [:]
  /// What is to be read, and whose it is.
  private var candidates: [(path: String, host: String)] = []

  /// - Parameters:
  ///   - latest: the time now, as results have it.
  ///   - isSignatureNeeded: whether what comes from no bundle is left out.
  ///   - unpack: takes the result out of a bundle.
  public init(latest: String, isSignatureNeeded: Bool = false, unpack: @escaping Unpacking) {
    (self.latest, self.isSignatureNeeded, self.unpack) = (latest, isSignatureNeeded, unpack)
  }

  /// Reads all that a folder holds, on all CPUs.
  public mutating func read(_ folder: String) {
    let base = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    var jobs: FleetJobs?
    if base.hasSuffix(Self.bundleEnding) || !AtomicFile.isDirectory(base) {
      candidates.append((base, Self.name(base)))
    } else if AtomicFile.exists("\(base)/\(ResultStore.fileName)") {
      candidates.append(("\(base)/\(ResultStore.fileName)", Self.name(base)))
    } else {
      jobs = self.jobs(base)
      self.jobs += [jobs].compactMap(\.self)
      for entry in entries(base) { descend("\(base)/\(entry)", host: Self.name(entry), depth: 1) }
    }
    take(FleetLoader(unpack: unpack, latest: latest, jobs: jobs))
  }

  private mutating func take(_ loader: FleetLoader) {
    let some = candidates
    candidates = []
    let read = Mutex([Result<FleetHost, FleetProblem>?](repeating: nil, count: some.count))
    DispatchQueue.concurrentPerform(iterations: some.count) { index in
      let result = Result { () throws(FleetProblem) in try loader.load(some[index].path, host: some[index].host) }
      read.withLock { $0[index] = result }
    }
    for (candidate, result) in zip(some, read.withLock { $0 }) {
      switch result {
      case .success(let host): hosts.append(host)
      case .failure(let problem):
        leftOut.append(problem)
        if candidate.path.hasSuffix(Self.bundleEnding) { distrusted[candidate.host] = candidate.path }
      case nil: break
      }
    }
  }

  /// The jobs that a folder was handed in with; nil where it was not, or they cannot be read, which is a problem then.
  private mutating func jobs(_ folder: String) -> FleetJobs? {
    let path = "\(folder)/\(FleetJobs.fileName)"
    guard AtomicFile.exists(path) else { return nil }
    do throws(FleetProblem) { return try FleetJobs.read(path) } catch {
      leftOut.append(error)
      return nil
    }
  }

  /// Keeps of each host and suite the last result, or the mean of those that were to be repeated, and sorts them by name.
  public mutating func finish() {
    leaveStrangers()
    let order = signed(
      distinctRuns(
        hosts.sorted { ($0.name, $0.suite, $0.startedAt, $0.path) < ($1.name, $1.suite, $1.startedAt, $1.path) }))
    hosts = []
    var index = 0
    while index < order.count {
      let first = order[index]
      let same = Array(order[index...].prefix { $0.name == first.name && $0.suite == first.suite })
      index += same.count
      guard let last = same.last else { break }
      let repeated = same.filter(\.isRepetition)
      if repeated.count > 1, last.isRepetition {
        hosts.append(repeated[0].joined(with: Array(repeated.dropFirst())))
        for host in same where !host.isRepetition { leave(host, for: last) }
      } else {
        hosts.append(last)
        for host in same.dropLast() { leave(host, for: last) }
      }
    }
  }

  /// How many of the bundles each key signed, by its fingerprint.
  public var signers: [String: Int] {
    hosts.compactMap(\.signer).reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  /// Leaves out bundles that are signed with another key than more than half of them.
  private mutating func leaveStrangers() {
    let counts = signers
    let all = counts.values.reduce(0, +)
    guard let kin = counts.first(where: { $0.value * 2 > all }) else { return }
    let read = hosts
    hosts = []
    for host in read {
      guard let signer = host.signer, signer != kin.key else {
        hosts.append(host)
        continue
      }
      leftOut.append(
        FleetProblem(
          host.path, "it is signed by \(signer), and \(kin.value) of the \(all) bundles are by \(kin.key)"))
      distrusted[host.name] = host.path
    }
  }

  /// What remains without results that nobody signed where somebody should have.
  private mutating func signed(_ runs: [FleetHost]) -> [FleetHost] {
    var signed: [FleetHost] = []
    for host in runs {
      if host.signer != nil {
        signed.append(host)
      } else if let bundle = distrusted[host.name] {
        leftOut.append(
          FleetProblem(host.path, "nobody signed it, and the bundle of \(host.name) is left out: \(bundle)"))
      } else if isSignatureNeeded {
        leftOut.append(FleetProblem(host.path, "nobody signed it: expected a bundle"))
      } else {
        signed.append(host)
      }
    }
    return signed
  }

  private mutating func leave(_ host: FleetHost, for last: FleetHost) {
    leftOut.append(
      FleetProblem(host.path, "\(host.name) has a later result of suite \(host.suite): \(last.path)"))
  }

  /// Each run once: a bundle rather than the folder that it was made of, and of two hosts the first by name.
  private mutating func distinctRuns(_ order: [FleetHost]) -> [FleetHost] {
    struct Run: Hashable {
      let id: String
      let startedAt: String
      let fingerprint: String
    }
    var kept: [Run: Int] = [:]
    var runs: [FleetHost] = []
    for host in order {
      let run = Run(id: host.run, startedAt: host.startedAt, fingerprint: host.fingerprint)
      guard let known = kept[run] else {
        kept[run] = runs.count
        runs.append(host)
        continue
      }
      if runs[known].name != host.name {
        leftOut.append(FleetProblem(host.path, "it is the run that is \(runs[known].name)'s: \(runs[known].path)"))
      } else if host.path.hasSuffix(Self.bundleEnding) {
        runs[known] = host
      }
    }
    return runs
  }

  private mutating func descend(_ path: String, host: String, depth: Int) {
    if path.hasSuffix(Self.bundleEnding) { return candidates.append((path, host)) }
    guard AtomicFile.isDirectory(path) else { return }
    if AtomicFile.exists("\(path)/\(ResultStore.fileName)") {
      return candidates.append(("\(path)/\(ResultStore.fileName)", host))
    }
    // The results of its checks are none of the host.
    if AtomicFile.exists("\(path)/\(Self.qualificationJournal)") {
      return leftOut.append(FleetProblem(path, "its qualification has measured nothing yet"))
    }
    guard depth < Self.deepest else { return }
    for entry in entries(path) { descend("\(path)/\(entry)", host: host, depth: depth + 1) }
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
