# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by emulated-host: the host's file system, as archives that are unpacked one after the other. "boot" is what its
# first process needs, "files" the program and the tools; both are the same for many commands and are kept. The last one holds
# the command and the files that it names.

# What every host loads where its kernel has it; check_backend says which ones it cannot do without.
readonly common_modules="kvm irqbypass tun tap vhost vhost_net vhost_iotlb veth msr cpuid"

# Most bytes of files that a command names: they have to fit into the host's memory.
readonly carry_limit=$((1 << 30))

need_common() {
  local name
  need busybox busybox-static
  need dpkg-deb dpkg
  for name in tar gzip sha256sum setpriv ldd; do need "$name" "$name"; done
}

# libraries FILE...: every shared library that the programs name, and the loader.
libraries() {
  local file lines
  for file in "$@"; do
    lines=$(LC_ALL=C ldd "$file" 2>/dev/null) || continue
    if grep -q 'not found' <<<"$lines"; then
      fail "$absent" "$file needs$(sed -n 's/^[[:space:]]*\([^ ]*\) => not found.*/ \1/p' <<<"$lines" | tr -d '\n'), which is not installed here"
    fi
    awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }' <<<"$lines"
  done | sort -u
}

# pack FOLDER: an archive of the folder as the kernel unpacks it, everything root's. The same files with the same times give the same.
pack() {
  (cd "$1" && find . | LC_ALL=C sort | busybox cpio -o -H newc -R 0:0 --ignore-devno --renumber-inodes 2>/dev/null)
}

# make_base: sets base to the folder with boot and files, made anew when anything in them changed.
make_base() {
  local file key stage wanted
  resolve_tools
  wanted="$common_modules $backend_modules ${modules[*]//-/_}"
  for file in $backend_modules ${modules[@]+"${modules[@]//-/_}"}; do
    [ -n "$(module_files "$file")" ] || grep -q "/$file.ko" "$kernel_tree/lib/modules/$kernel_version/modules.builtin" ||
      fail "$absent" "the kernel $kernel_version has no module $file: choose another by --kernel"
  done
  key=$(base_inputs | sha256sum)
  base=$cache/base/$backend-${key:0:24}
  if [ -d "$base" ]; then
    touch "$base"
    return
  fi
  say "making the host's file system"
  stage=$work/base
  mkdir -p "$cache/base" "$work/archives"
  stage_boot
  pack "$stage" >"$work/archives/boot"
  rm -rf "$stage"
  stage_files
  pack "$stage" >"$work/archives/files"
  rm -rf "$stage"
  # Whoever makes the same at the same time makes the same.
  mv -T "$work/archives" "$base" 2>/dev/null || [ -d "$base" ]
  # The newest few are kept: each is as large as the program.
  find "$cache/base" -mindepth 1 -maxdepth 1 -printf '%T@ %p\n' | sort -rn | sed -n 's/^[^ ]* //; 7,$p' | xargs -r rm -rf
}

stage_boot() {
  local file
  mkdir -p "$stage"/{bin,sbin,usr/bin,usr/sbin,proc,sys,dev,tmp,run,etc,root,work,disk}
  cp "$parts/init" "$stage/init"
  chmod 755 "$stage/init"
  copy_in "$stage" "$(command -v busybox)" /bin/busybox
  for file in $(module_files "$wanted"); do
    install -D -m 644 "$kernel_tree/lib/modules/$kernel_version/$file" "$stage/lib/modules/$kernel_version/$file"
  done
  cp "$kernel_tree/lib/modules/$kernel_version"/modules.builtin* "$stage/lib/modules/$kernel_version/"
  busybox depmod -b "$stage" "$kernel_version"
}

stage_files() {
  local file
  mkdir -p "$stage"
  # Busybox's own takes no list of files.
  copy_in "$stage" "$(command -v tar)" /opt/emulated/tar
  for file in ${tool_files[@]+"${tool_files[@]}"}; do copy_in "$stage" "$file" "$file"; done
  if [ -n "$program" ]; then
    copy_in "$stage" "$program" /opt/nearmetal/nearmetal
    find "$(dirname "$program")/" -maxdepth 1 -name '*.resources' -exec cp -rL {} "$stage/opt/nearmetal/" \;
  fi
  for file in ${files[@]+"${files[@]}"}; do
    mkdir -p "$stage$(dirname "$file")"
    cp -rL "$file" "$stage$file"
  done
  for file in ${packages[@]+"${packages[@]}"}; do unpack_package "$stage" "$file"; done
}

# Every tool as a file of this machine.
resolve_tools() {
  local name file
  tool_files=()
  for name in ${tools[@]+"${tools[@]}"}; do
    file=$(command -v "$name") || fail "$usage" "--tool: there is no program $name here"
    tool_files+=("$(realpath -s "$file")")
  done
}

# What decides how they look: hashes of files, and names.
base_inputs() {
  local file
  printf '%s\n' "$kernel_tree" "$wanted" "$backend" "${tool_files[*]-}" "${files[*]-}"
  sha256sum "$parts/init" "$parts/image.sh" "$(command -v busybox)" "$(command -v tar)" ${tool_files[@]+"${tool_files[@]}"} \
    ${packages[@]+"${packages[@]}"} || fail "$usage" "a file given by an option cannot be read"
  for file in ${files[@]+"${files[@]}"}; do
    if [[ $file != /* ]] || [ ! -r "$file" ]; then
      fail "$usage" "--file: $file is no path from the root that can be read"
    fi
    find -L "$file" -type f -exec sha256sum {} +
  done
  [ -n "$program" ] || return 0
  [ -x "$program" ] || fail "$usage" "--program: $program is no program"
  sha256sum "$program"
  libraries "$program" ${tool_files[@]+"${tool_files[@]}"} | xargs -r sha256sum
  for file in "$(dirname "$program")"/*.resources; do
    [ ! -d "$file" ] || (cd "$file" && find -L . -type f -exec sha256sum {} +)
  done
}

# copy_in STAGE FILE PLACE: a program and the libraries that it names.
copy_in() {
  local library
  install -D -m 755 "$2" "$1$3"
  while read -r library; do
    [ -e "$1$library" ] || install -D -m 755 "$library" "$1$library"
  done < <(libraries "$2")
}

# A package of the program, as a user would install it. Its libraries come from this machine unless it brings its own.
unpack_package() {
  local file program_file
  mkdir -p "$work/package"
  dpkg-deb -x "$2" "$work/package" 2>/dev/null || fail "$usage" "--package: $2 is no Debian package"
  cp -a "$work/package/." "$1/"
  while IFS= read -r -d '' program_file; do
    while read -r file; do
      [ -e "$1$file" ] || install -D -m 755 "$file" "$1$file"
    done < <(libraries "$program_file")
  done < <(find "$work/package" -type f -perm -100 -print0)
  rm -rf "$work/package"
}

# make_job COMMAND...: sets job to the last archive.
make_job() {
  local stage=$work/job word
  mkdir -p "$stage/etc/emulated" "$stage/work"
  for word in "$@"; do carry "$stage/work" "$word"; done
  # Files that the command writes are told from these by their age.
  find "$stage/work" -exec touch -h -d '2000-01-01' {} +
  {
    printf 'backend=%s\nkvm_module=%s\n' "$backend" "${backend_modules%% *}"
    printf 'modules=%s\n' "$(quote "$common_modules $backend_modules ${modules[*]-}")"
    printf 'offline=%s\n' "$(quote "${offline//,/ }")"
    printf 'disk=%s\nnow=%s\n' "${disk:+yes}" "$(date +%s)"
    printf 'revision=%s\n' "$(quote "${NEARMETAL_REVISION:-unknown}")"
  } >"$stage/etc/emulated/settings"
  if [ $# -gt 0 ]; then
    for word in "$@"; do printf '%s ' "$(quote "$word")"; done >"$stage/etc/emulated/command"
  fi
  pack "$stage" >"$work/job.archive"
  rm -rf "$stage"
  job=$work/job.archive
}

# quote TEXT: as a word of a shell's.
quote() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

# carry FOLDER WORD: copies the file or folder that a word of the command names, alone or after "=".
carry() {
  local name=$2 size
  case $name in -*=*) name=${name#*=} ;; esac
  case /$name/ in // | /// | */../* | /./ | //*) return 0 ;; esac
  [ -f "$name" ] || [ -d "$name" ] || return 0
  size=$(du -sbL -- "$name" 2>/dev/null | cut -f 1) || true
  [ "$size" -le "$carry_limit" ] ||
    fail "$usage" "$name is carried into the host since the command names it, but it is larger than $((carry_limit >> 20)) MiB"
  mkdir -p "$1/$(dirname "$name")"
  cp -rLT -- "$name" "$1/$name" 2>/dev/null || fail "$usage" "$name cannot be read, or is no ordinary file or folder"
}
