# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by emulated-host: a host with SVM, by QEMU's TCG.

readonly host_name="QEMU (TCG, SVM)"
# The first is the module without which the host is not what it is for; the others bring disks and ports.
readonly backend_modules="kvm_amd virtio_pci virtio_blk virtio_console"
readonly qemu=qemu-system-x86_64

need_backend() {
  need "$qemu" qemu-system-x86
  [ -z "$disk" ] || PATH=$PATH:/usr/sbin:/sbin need mkfs.ext4 e2fsprogs
}

check_backend() { :; }

make_disks() {
  truncate -s 4G "$work/output"
  [ -z "$disk" ] || {
    truncate -s "$disk_bytes" "$work/disk"
    PATH=$PATH:/usr/sbin:/sbin mkfs.ext4 -q -F -b 4096 -m 0 "$work/disk" 2>"$work/unpack.log" ||
      fail "$usage" "--disk: no file system of $disk could be made: $(head -n 1 "$work/unpack.log")"
  }
  cat "$base/boot" "$base/files" "$job" >"$work/initrd"
  mkfifo "$work/monitor.in" "$work/monitor.out"
}

# start_backend ports|shell: runs QEMU; it ends when this script does.
start_backend() {
  # One thread for all processors. With one for each, QEMU 7.2 may keep a translation of code that another processor has changed
  # meanwhile: the kernel's own text, where it switches a tracepoint or a static key, by way of INT3. That processor then meets
  # an INT3 for ever that is no longer there, and the whole host stands still. QEMU 8.1 locks the page before it translates.
  local words node first last share port other
  words=(-nodefaults -no-user-config -display none -no-reboot -machine q35)
  words+=(-chardev "pipe,id=monitor,path=$work/monitor" -mon "chardev=monitor")
  [ "$icount" = no ] || words+=(-icount "shift=0,sleep=off")
  [ -z "$plugin" ] || words+=(-plugin "$plugin")
  words+=(-accel "tcg,thread=single" -cpu "EPYC,+svm,+npt")
  words+=(-smp "$cpus,sockets=$sockets,cores=$((cpus / sockets / threads)),threads=$threads" -m "$((memory_bytes >> 20))M")
  if [ "$nodes" -gt 1 ]; then
    share=$((cpus / nodes))
    for ((node = 0; node < nodes; node++)); do
      first=$((node * share)) last=$((node * share + share - 1))
      words+=(-object "memory-backend-ram,id=node$node,size=$(((memory_bytes >> 20) / nodes))M")
      words+=(-numa "node,nodeid=$node,cpus=$first-$last,memdev=node$node")
    done
    for ((node = 0; node < nodes; node++)); do
      for ((other = 0; other < nodes; other++)); do
        [ "$other" = "$node" ] || words+=(-numa "dist,src=$node,dst=$other,val=$((10 + 10 * (node > other ? node - other : other - node)))")
      done
    done
  fi
  words+=(-drive "if=none,id=output,format=raw,file=$work/output" -device "virtio-blk-pci,drive=output,serial=output")
  [ -z "$disk" ] || words+=(-drive "if=none,id=disk,format=raw,file=$work/disk,discard=unmap"
    -device "virtio-blk-pci,drive=disk,serial=disk,logical_block_size=$sector,physical_block_size=$sector")
  if [ "$1" = shell ]; then
    words+=(-chardev "stdio,id=console,signal=off" -serial chardev:console)
  else
    words+=(-chardev "file,id=console,path=/dev/fd/$console" -serial chardev:console -device virtio-serial-pci)
    for port in stdout stderr control; do
      words+=(-chardev "file,id=$port,path=/dev/fd/${!port}" -device "virtserialport,chardev=$port,name=$port")
    done
  fi
  exec setpriv --pdeathsig KILL "$qemu" "${words[@]}" -kernel "$kernel_image" -initrd "$work/initrd" \
    -append "console=ttyS0 panic=-1 tsc=reliable no_timer_check nokaslr mitigations=off$append"
}

# describe_backend: what the host's processors are at, twice, for one that does not answer.
describe_backend() {
  timeout 10 cat "$work/monitor.out" | tr -d '\r' | grep -aE '^(CPU#|RIP|RAX|RSI|CS |EFER|CR0)' &
  for _ in 1 2; do
    printf 'info registers -a\n' >"$work/monitor.in"
    sleep 1
  done
  wait $!
}

stop_backend() { kill "-$1" "$host" 2>/dev/null || true; }

# What QEMU itself had to say about its end.
reason_of_backend() {
  local line
  line=$(grep "^$qemu: " "$work/emulator" 2>/dev/null | grep -m 1 -v ': warning: ' || true)
  printf '%s' "${line:+: ${line#"$qemu: "}}"
}
