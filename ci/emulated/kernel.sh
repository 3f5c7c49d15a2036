# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by ci/emulated-host and ci/linux-guest: the kernel of a Debian package, downloaded and unpacked without root, once a version.

# find_cache: sets cache to where what takes long to make is kept: in the checkout, or else in the user's cache.
find_cache() {
  cache=$root/.build/emulated
  if ! mkdir -p "$cache" 2>/dev/null || [ ! -w "$cache" ]; then
    cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/nearmetal/emulated
    mkdir -p "$cache" 2>/dev/null ||
      fail "$absent" "neither $root/.build nor $cache can be written: set XDG_CACHE_HOME to a folder that can"
  fi
}

# find_kernel PACKAGE|FILE: sets kernel_version, kernel_image, and kernel_tree, which holds lib/modules.
find_kernel() {
  local name=$1 version file key
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

# The package that has the kernel: a package without a version in its name only depends on it.
real_package() {
  local name=$1 record next
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
