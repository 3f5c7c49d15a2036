import Definitions
import ELF
import KVM
import LinuxSystem
import Machines
import Probe
import Qualification
import Results
import Runner

/// What a qualification is begun as, and whether one that was begun may go on.
extension Qualifier {
  static func header(
    _ options: Options, _ host: HostEvidence, _ image: ProbeImage
  ) throws(QualificationError) -> JournalHeader {
    let now = WallClock.now
    let seed = options.seed ?? UInt64.random(in: 1...UInt64(Int64.max))
    let program: String
    do throws(FileError) { program = try FileDigest.sha256(path: "/proc/self/exe") } catch { throw .file(error) }
    return JournalHeader(
      schema: JournalFile.currentSchema, id: "\(now.compact)-\(String(seed, radix: 16))", startedAt: now.text,
      profile: .init(name: options.profile.name, sha256: options.profile.sha256),
      program: .init(name: "nearmetal", sha256: program),
      guest: .init(name: "probe.elf", sha256: FileDigest.sha256(image.elf.bytes)), fingerprint: host.fingerprint,
      subject: options.subject, tool: options.tool, seed: Seed(seed))
  }

  static func prepare(
    _ directory: String, _ options: Options, _ host: HostEvidence
  ) throws(QualificationError) {
    for name in [ResultStore.fileName, QualificationRecord.fileName] where AtomicFile.exists("\(directory)/\(name)") {
      throw .usage("\(directory): it holds a \(name) and no journal to go on with; choose another directory")
    }
    let inventory = try JSONFile.encode(host)
    do throws(FileError) {
      try AtomicFile.makeDirectory(directory)
      try AtomicFile.write(options.profile.bytes, to: "\(directory)/\(QualificationRecord.profileName)")
      try AtomicFile.write(inventory, to: "\(directory)/\(HostEvidence.fileName)")
    } catch { throw .file(error) }
  }

  /// The header of a journal that this qualification may go on with.
  static func agree(
    _ journal: Journal, _ wanted: JournalHeader, _ directory: String
  ) throws(QualificationError) -> JournalHeader {
    guard let header = journal.header else { throw .usage("\(directory): its journal has no header") }
    let advice = "choose another directory"
    if JournalState(journal.entries).isComplete {
      throw .usage("\(directory): it holds the finished qualification \(header.id); \(advice)")
    }
    if header.profile != wanted.profile {
      throw .usage(
        "\(directory): it was begun with the profile \(header.profile.name) in another text than this one; \(advice)")
    }
    if header.fingerprint != wanted.fingerprint {
      throw .otherHost(
        "\(directory): it was begun on a host of the fingerprint \(header.fingerprint), and this is \(wanted.fingerprint); "
          + "set the host up as it was, or \(advice)")
    }
    if header.program != wanted.program || header.guest != wanted.guest {
      throw .usage("\(directory): it was begun with another build of this program; go on with that one, or \(advice)")
    }
    if let difference = wanted.subject.difference(from: header.subject) {
      throw .usage("\(directory): \(difference); give the same, or \(advice)")
    }
    return header
  }
}
