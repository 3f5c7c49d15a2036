# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by emulated-host and by what makes Linux guests: a kernel with its modules, of a Debian package, downloaded and unpacked
# without root, once a version, or of a folder.

# find_cache: sets cache to where what takes long to make is kept.
find_cache() {
  cache=${NEARMETAL_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/nearmetal}/emulated
  if ! mkdir -p "$cache" 2>/dev/null || [ ! -w "$cache" ]; then
    fail "$absent" "$cache cannot be written: set NEARMETAL_CACHE to a folder that can"
  fi
}

# find_kernel PACKAGE|FILE|FOLDER: sets kernel_version, kernel_image, and kernel_tree, which holds lib/modules.
find_kernel() {
  local name=$1 version file key
  if [ -d "$name" ]; then
    gather_kernel "$name"
    return
  fi
  if [[ $name = */* || $name = *.deb ]]; then
    [ -f "$name" ] || fail "$usage" "--kernel: there is no file $name"
    file=$name
    key=$(sha256sum "$file") || exit
    key=${key:0:16}
  else
    command -v apt-get >/dev/null ||
      fail "$absent" "no apt-get here to fetch the kernel with: give a Debian kernel package by --kernel FILE.deb"
    name=$(real_package "$name")
    version=$(apt-cache show --no-all-versions "$name" | sed -n 's/^Version: //p')
    file='' key=${name}_$version
  fi
  kernel_tree=$cache/kernel/$key
  [ -d "$kernel_tree" ] || unpack_kernel "$name" "$file"
  kernel_image=$(echo "$kernel_tree"/boot/vmlinuz-*)
  kernel_version=${kernel_image##*/vmlinuz-}
}

# gather_kernel FOLDER: the kernel of a build tree, or of a folder like an unpacked package; anew each time, as it may be another.
gather_kernel() {
  local folder=$1 file
  kernel_tree=$work/kernel
  mkdir -p "$kernel_tree/boot"
  if [ -f "$folder/arch/x86/boot/bzImage" ] && [ -f "$folder/include/config/kernel.release" ]; then
    kernel_version=$(cat "$folder/include/config/kernel.release")
    mkdir -p "$kernel_tree/lib/modules/$kernel_version/kernel"
    cp "$folder/arch/x86/boot/bzImage" "$kernel_tree/boot/vmlinuz-$kernel_version"
    # Modules by their place in the tree; debugging information makes them too large for an initial file system.
    (cd "$folder" && find . -name '*.ko' -not -path './.tmp*' -print0) | while IFS= read -r -d '' file; do
      install -D -m 644 "$folder/$file" "$kernel_tree/lib/modules/$kernel_version/kernel/$file"
      strip -g "$kernel_tree/lib/modules/$kernel_version/kernel/$file" 2>/dev/null || true
    done
    for file in modules.builtin modules.builtin.modinfo modules.order; do
      [ ! -f "$folder/$file" ] || cp "$folder/$file" "$kernel_tree/lib/modules/$kernel_version/"
    done
    touch "$kernel_tree/lib/modules/$kernel_version/modules.builtin"
  else
    file=$(find "$folder/boot" "$folder" -maxdepth 1 -name 'vmlinuz-*' 2>/dev/null | head -n 1)
    [ -n "$file" ] ||
      fail "$usage" "--kernel: $folder is no kernel's build tree (no arch/x86/boot/bzImage), and has no boot/vmlinuz-*"
    kernel_version=${file##*/vmlinuz-}
    cp "$file" "$kernel_tree/boot/"
    for file in "$folder/lib/modules/$kernel_version" "$folder/usr/lib/modules/$kernel_version"; do
      [ ! -d "$file" ] || { mkdir -p "$kernel_tree/lib/modules" && cp -rL "$file" "$kernel_tree/lib/modules/"; }
    done
    [ -d "$kernel_tree/lib/modules/$kernel_version" ] ||
      fail "$usage" "--kernel: $folder has no modules of its kernel $kernel_version (lib/modules/$kernel_version)"
  fi
  busybox depmod -b "$kernel_tree" "$kernel_version"
  kernel_image=$kernel_tree/boot/vmlinuz-$kernel_version
}

# The package that has the kernel: a package without a version in its name only depends on it, and 6.12 is the newest cloud kernel
# of that series.
real_package() {
  local name=$1 record next
  if [[ $name =~ ^[0-9]+\.[0-9]+$ ]]; then
    next=$(apt-cache pkgnames "linux-image-$name." 2>/dev/null | grep -E -- '[0-9]-cloud-amd64$|[+]deb[0-9]+-cloud-amd64$' | sort -V | tail -n 1)
    [ -n "$next" ] || fail "$absent" "apt knows no cloud kernel $name: run sudo apt-get update, or add Debian's backports to its sources"
    name=$next
  fi
  for _ in 1 2 3; do
    record=$(apt-cache show --no-all-versions "$name" 2>/dev/null) || record=''
    [ -n "$record" ] ||
      fail "$absent" "apt knows no package $name: run sudo apt-get update, or choose from apt-cache search linux-image"
    next=$(sed -n 's/^Depends: \(linux-image-[^ ,]*\).*/\1/p' <<<"$record")
    [ -n "$next" ] || break
    name=$next
  done
  printf '%s' "$name"
}

unpack_kernel() {
  local name=$1 file=$2 stage
  mkdir -p "$cache/kernel"
  stage=$(mktemp -d "$cache/kernel/new.XXXXXX")
  if [ -z "$file" ]; then
    say "downloading $name"
    # apt drops its privileges for downloads, and then cannot write here: that is no more than a warning.
    (cd "$stage" && timeout 600 apt-get download -q "$name" >download.log 2>&1) || {
      say "$(grep -m 1 '^E:' "$stage/download.log" || echo "no answer in ten minutes")"
      rm -rf "$stage"
      fail "$absent" "$name could not be downloaded: see to the network or run sudo apt-get update, or give --kernel FILE.deb"
    }
    file=$(echo "$stage"/*.deb)
  fi
  mkdir "$stage/tree"
  if ! dpkg-deb -x "$file" "$stage/tree" 2>"$stage/unpack.log" || ! ls "$stage"/tree/boot/vmlinuz-* >/dev/null 2>&1; then
    rm -rf "$stage"
    fail "$absent" "${file##*/} is no package with a kernel: give one that has boot/vmlinuz, such as linux-image-cloud-amd64"
  fi
  # Packages of a merged /usr have the modules there.
  if [ ! -d "$stage/tree/lib/modules" ] && [ -d "$stage/tree/usr/lib/modules" ]; then
    mkdir -p "$stage/tree/lib" && mv "$stage/tree/usr/lib/modules" "$stage/tree/lib/"
  fi
  busybox depmod -b "$stage/tree" "$(basename "$stage"/tree/lib/modules/*)"
  # Whoever makes the same tree at the same time makes the same one.
  mv -T "$stage/tree" "$kernel_tree" 2>/dev/null || [ -d "$kernel_tree" ]
  rm -rf "$stage"
}

# module_files NAME...: the modules that there are and all that they depend on, relative to the kernel's folder of modules.
# A name that the kernel does not have gives nothing.
module_files() {
  awk -v wanted="$*" '
    BEGIN { count = split(wanted, names, " "); for (i = 1; i <= count; i++) want[names[i]] = 1 }
    {
      file = $1; sub(/:$/, "", file)
      name = file; sub(/.*\//, "", name); sub(/\.ko(\.[a-z]+)?$/, "", name); gsub(/-/, "_", name)
      if (name in want) for (i = 1; i <= NF; i++) { file = $i; sub(/:$/, "", file); print file }
    }' "$kernel_tree/lib/modules/$kernel_version/modules.dep" | sort -u
}
