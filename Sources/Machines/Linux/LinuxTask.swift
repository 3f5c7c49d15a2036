import Definitions
import LinuxBoot
import Network

/// What a Linux guest is to do, and the scripts by which it does that and says so: the guest's own first process needs to know no more
/// than to run two of them (`ci/linux/init`). ``LinuxConsole`` reads what they say.
struct LinuxTask: Sendable {
  /// A word that no other boot has.
  let token: String
  private let script: LinuxScript
  private let fioJobs: [UInt8]
  private let hasDisk: Bool
  private let hasNet: Bool

  /// The folder in the guest's root, and what is in it.
  private static let folder = "nearmetal"
  /// Bytes of the job's output that are kept.
  static let outputSize = 4096

  /// - Parameters:
  ///   - script: the job's.
  ///   - fioJobs: the job file, where fio is the job.
  ///   - hasDisk: whether the guest is to wait for a disk.
  ///   - hasNet: the same for a network interface, which it gives the near address of an ``AddressedWire``.
  init(_ script: LinuxScript, fioJobs: [UInt8] = [], hasDisk: Bool = true, hasNet: Bool = false) {
    let number = UInt64.random(in: 0...(.max))
    token =
      String(repeating: "0", count: number.leadingZeroBitCount / 4) + (number == 0 ? "" : String(number, radix: 16))
    (self.script, self.fioJobs, self.hasDisk, self.hasNet) = (script, fioJobs, hasDisk, hasNet)
  }

  /// The scripts as an archive for the guest's initial RAM disk.
  func archive() throws(CPIOError) -> CPIOArchive {
    var archive = CPIOArchive()
    try archive.addFolder(Self.folder)
    try archive.addFile("\(Self.folder)/hello", Array(hello.utf8), isExecutable: true)
    try archive.addFile("\(Self.folder)/run", Array(run.utf8), isExecutable: true)
    if let job {
      try archive.addFile("\(Self.folder)/job", Array("\(job)\n".utf8))
      if !fioJobs.isEmpty { try archive.addFile("\(Self.folder)/job.fio", fioJobs) }
    }
    return archive
  }

  private var said: String { "echo \"\(LinuxConsole.word) \(token)" }

  private var hello: String { "read -r up rest </proc/uptime\n\(said) hello $up\"\n" }

  /// What a shell does as the job; nil where there is none.
  private var job: String? {
    let places = LinuxScript.Places(
      program: script.job.tool?.program ?? "", jobs: "/\(Self.folder)/job.fio", results: "/\(Self.folder)/results")
    let check = hasNet ? "[ -n \"$NEARMETAL_INTERFACE\" ] || exit \(LinuxScript.Lack.interface.rawValue)\n" : ""
    return script.line(places).map { check + $0 }
  }

  /// The whole of the job. The harness ends the guest when all is said: sleeping keeps the last words from being lost with the machine.
  private var run: String {
    guard job != nil else { return "\(said) ready\"\n\(said) done\"\nsleep 60\n" }
    return """
      dmesg -n 1 2>/dev/null
      # patiently TEST: until that is so, for five seconds.
      patiently() {
        tries=0
        until eval "$1" || [ "$tries" = 50 ]; do
          sleep 0.1
          tries=$((tries + 1))
        done
      }
      \(hasDisk ? waitForDisk : "")\(hasNet ? waitForNet : "")cd /work 2>/dev/null || cd /
      answer() {
        gzip -c <"$2" >/\(Self.folder)/packed
        \(said) data $1 $(wc -c </\(Self.folder)/packed)"
        base64 </\(Self.folder)/packed
      }
      \(said) ready"
      \(said) start"
      (sh /\(Self.folder)/job </dev/null; echo $? >/\(Self.folder)/status) 2>&1 | tail -c \(Self.outputSize) >/\(Self.folder)/output
      \(said) stop $(cat /\(Self.folder)/status)"
      for name in output results; do
        [ ! -s "/\(Self.folder)/$name" ] || answer "$name" "/\(Self.folder)/$name"
      done
      \(said) done"
      sleep 60

      """
  }

  private var waitForDisk: String {
    """
    patiently '[ -b /dev/vda ] || [ -b /dev/sda ]'
    NEARMETAL_DISK=/dev/vda
    [ -b /dev/vda ] || NEARMETAL_DISK=/dev/sda
    export NEARMETAL_DISK

    """
  }

  /// The one interface with a device behind it, whatever it is called.
  private var waitForNet: String {
    """
    interface() { (cd /sys/class/net && for name in *; do [ ! -e "$name/device" ] || echo "$name"; done) | head -n 1; }
    patiently '[ -n "$(interface)" ]'
    NEARMETAL_INTERFACE=$(interface)
    export NEARMETAL_INTERFACE
    if [ -n "$NEARMETAL_INTERFACE" ]; then
      ip addr add \(AddressedWire.nearAddress)/\(AddressedWire.bits) dev "$NEARMETAL_INTERFACE"
      ip link set "$NEARMETAL_INTERFACE" up
      patiently '[ "$(cat "/sys/class/net/$NEARMETAL_INTERFACE/carrier" 2>/dev/null)" = 1 ]'
    fi

    """
  }
}
