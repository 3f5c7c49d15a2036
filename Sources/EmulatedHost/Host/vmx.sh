# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by emulated-host: a host with VT-x, by Bochs.

readonly host_name="Bochs (VT-x)"
# The first is the module without which the host is not what it is for; the others bring the disk.
readonly backend_modules="kvm_intel ata_piix sd_mod"
readonly bios=/usr/share/bochs/BIOS-bochs-latest vga_bios=/usr/share/bochs/VGABIOS-lgpl-latest

need_backend() {
  need bochs bochs
  [ -e "$bios" ] || missing+=(bochsbios)
  [ -e "$vga_bios" ] || missing+=(vgabios)
  ls /usr/lib/*/bochs/plugins/libbx_term_gui.so >/dev/null 2>&1 || missing+=(bochs-term)
  need grub-mkrescue grub-common
  [ -d /usr/lib/grub/i386-pc ] || missing+=(grub-pc-bin)
  need xorriso xorriso
  need mformat mtools
}

check_backend() {
  [ "$nodes" = 1 ] || fail "$usage" "--numa: Bochs has one node; use svm"
  [ -z "$disk" ] || fail "$usage" "--disk is for svm"
  [ "$icount" = no ] || fail "$usage" "--icount is for svm: Bochs counts a tick an instruction in any case"
  [ -z "$plugin" ] || fail "$usage" "--plugin is for svm"
  [ "$memory_bytes" -le $((3 << 30)) ] || fail "$usage" "--memory: Bochs takes at most 3G"
}

make_disks() {
  truncate -s 4G "$work/output"
  mkdir -p "$work/cd/boot/grub"
  cp "$kernel_image" "$work/cd/kernel"
  cp "$base/boot" "$work/cd/boot.archive"
  cp "$job" "$work/cd/job.archive"
  # The firmware is slow to read a CD; emulated/init takes the large archive from a disk.
  cp "$base/files" "$work/files"
  truncate -s %1M "$work/files"
  {
    echo "linux /kernel console=ttyS0 panic=-1 tsc=reliable nokaslr mitigations=off lpj=1000000 no_timer_check tsc_early_khz=1000000$append"
    echo "initrd /boot.archive /job.archive"
    echo "boot"
  } >"$work/cd/boot/grub/grub.cfg"
  grub-mkrescue -o "$work/cd.iso" -d /usr/lib/grub/i386-pc "$work/cd" >"$work/unpack.log" 2>&1 ||
    fail "$incomplete" "the CD could not be made: $(tail -n 1 "$work/unpack.log")"
  rm -rf "$work/cd"
}

# start_backend ports|shell: runs Bochs; it ends when this script does.
start_backend() {
  local port number=1
  # Without a word on sound Bochs looks for this machine's, and may end itself where there is none (a buffer overflow in its ALSA driver).
  cat >"$work/bochsrc" <<END
config_interface: textconfig
display_library: term
memory: guest=$((memory_bytes >> 20)), host=$((memory_bytes >> 20))
romimage: file=$bios
vgaromimage: file=$vga_bios
cpu: model=corei7_skylake_x, count=$sockets:$((cpus / sockets / threads)):$threads, ips=10000000
ata0-master: type=disk, mode=flat, path="$work/output"
ata0-slave: type=disk, mode=flat, path="$work/files"
ata1-master: type=cdrom, path="$work/cd.iso", status=inserted
boot: cdrom
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
log: $work/bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
END
  if [ "$1" = shell ]; then
    printf 'com1: enabled=1, mode=term, dev=%s\n' "$(tty)" >>"$work/bochsrc"
  else
    for port in console stdout stderr control; do
      printf 'com%d: enabled=1, mode=file, dev=/dev/fd/%d\n' "$number" "${!port}" >>"$work/bochsrc"
      number=$((number + 1))
    done
  fi
  # Debian's Bochs has a debugger, which wants to be told to go on.
  echo c >"$work/bochs.commands"
  take_display "$BASHPID" &
  [ "$1" = ports ] || exec >"$work/emulator" 2>&1 </dev/null
  TERM=vt100 exec setpriv --pdeathsig KILL bochs -q -f "$work/bochsrc" -rc "$work/bochs.commands"
}

# take_display PID: reads and drops what Bochs draws on the terminal that it makes. It stands still once that is full. It has none of the
# ports, whose readers would wait for it, and looks for a program that runs: one that was killed may stay as a process for good where
# nobody asks how it ended.
take_display() {
  local screen='' name descriptor
  exec >/dev/null 2>&1
  for name in console stdout stderr control emulator; do
    descriptor=${!name}
    [ -z "$descriptor" ] || exec {descriptor}>&-
  done
  while [ -z "$screen" ] && readlink "/proc/$1/exe"; do
    sleep 0.2
    screen=$(sed -n 's|^Bochs connected to screen "\(/dev/pts/[0-9]*\)".*|\1|p' "$work/emulator") || true
  done
  [ -n "$screen" ] || return 0
  stty -F "$screen" raw -echo || true
  cat "$screen" || true
}

stop_backend() { kill "-$1" "$host" 2>/dev/null || true; }

# Bochs has nobody to ask while it runs.
describe_backend() { :; }

# What Bochs itself had to say about its end.
reason_of_backend() {
  local line
  line=$(grep -m 1 '[0-9]p\[' "$work/bochs.log" 2>/dev/null | sed 's/^[0-9]*p//' || true)
  printf '%s' "${line:+: $line}"
}
