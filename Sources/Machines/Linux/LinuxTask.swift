import Definitions
import LinuxBoot

/// What a Linux guest is to do, and the scripts by which it does that and says so: the guest's own first process needs to know no more
/// than to run two of them (`ci/linux/init`). ``LinuxConsole`` reads what they say.
struct LinuxTask: Sendable {
  /// A word that no other boot has.
  let token: String
  private let job: LinuxSpecification.Job
  private let fioJobs: [UInt8]
  private let isReadOnly: Bool

  /// The folder in the guest's root, and what is in it.
  private static let folder = "nearmetal"
  /// Bytes of the job's output that are kept.
  static let outputSize = 4096

  /// - Parameters:
  ///   - fioJobs: the job file, where fio is the job.
  ///   - isReadOnly: whether the disk must not be written.
  init(_ job: LinuxSpecification.Job, fioJobs: [UInt8] = [], isReadOnly: Bool = false) {
    let number = UInt64.random(in: 0...(.max))
    token =
      String(repeating: "0", count: number.leadingZeroBitCount / 4) + (number == 0 ? "" : String(number, radix: 16))
    (self.job, self.fioJobs, self.isReadOnly) = (job, fioJobs, isReadOnly)
  }

  /// The scripts as an archive for the guest's initial RAM disk.
  func archive() throws(CPIOError) -> CPIOArchive {
    var archive = CPIOArchive()
    try archive.addFolder(Self.folder)
    try archive.addFile("\(Self.folder)/hello", Array(hello.utf8), isExecutable: true)
    try archive.addFile("\(Self.folder)/run", Array(run.utf8), isExecutable: true)
    if let script {
      try archive.addFile("\(Self.folder)/job", Array(script.utf8))
      if !fioJobs.isEmpty { try archive.addFile("\(Self.folder)/job.fio", fioJobs) }
    }
    return archive
  }

  private var said: String { "echo \"\(LinuxConsole.word) \(token)" }

  private var hello: String { "read -r up rest </proc/uptime\n\(said) hello $up\"\n" }

  /// The whole of the job. The harness ends the guest when all is said: sleeping keeps the last words from being lost with the machine.
  private var run: String {
    guard script != nil else { return "\(said) ready\"\n\(said) done\"\nsleep 60\n" }
    return """
      dmesg -n 1 2>/dev/null
      tries=0
      until [ -b /dev/vda ] || [ -b /dev/sda ] || [ "$tries" = 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
      done
      NEARMETAL_DISK=/dev/vda
      [ -b /dev/vda ] || NEARMETAL_DISK=/dev/sda
      export NEARMETAL_DISK
      cd /work 2>/dev/null || cd /
      answer() {
        gzip -c <"$2" >/\(Self.folder)/packed
        \(said) data $1 $(wc -c </\(Self.folder)/packed)"
        base64 </\(Self.folder)/packed
      }
      \(said) ready"
      \(said) start"
      (sh /\(Self.folder)/job </dev/null; echo $? >/\(Self.folder)/status) 2>&1 | tail -c \(Self.outputSize) >/\(Self.folder)/output
      \(said) stop $(cat /\(Self.folder)/status)"
      [ ! -s /\(Self.folder)/output ] || answer output /\(Self.folder)/output
      [ ! -s /\(Self.folder)/fio.json ] || answer fio /\(Self.folder)/fio.json
      \(said) done"
      sleep 60

      """
  }

  /// What a shell does as the job; nil where there is none.
  private var script: String? {
    switch job {
    case .boot: nil
    case .command(let command): command + "\n"
    case .fio:
      "exec fio \(Self.fioWords(isReadOnly: isReadOnly).joined(separator: " ")) --output=/\(Self.folder)/fio.json "
        + "/\(Self.folder)/job.fio\n"
    }
  }

  /// fio's options but for its files.
  static func fioWords(isReadOnly: Bool) -> [String] {
    ["--eta=never", "--output-format=json+"] + (isReadOnly ? ["--readonly"] : [])
  }
}
