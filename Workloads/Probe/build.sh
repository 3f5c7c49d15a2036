#!/bin/sh
# Builds the probe: build.sh ROOT OUTPUT SWIFTC CLANG LD. Run by the SwiftPM plugin BuildProbe; OUTPUT/probe.elf results.
set -eu
root=$1 output=$2 swiftc=$3 clang=$4 ld=$5
mkdir -p "$output/objects" "$output/cache"
cd "$output/objects"
target=x86_64-unknown-none-elf
includes="-I $root/Workloads/Probe/include -I $root/Workloads/ABI/include"

for part in boot traps user; do
  # shellcheck disable=SC2086 # the include flags are two words each
  "$clang" -target $target $includes -c "$root/Workloads/Probe/$part.S" -o $part.o
done
# shellcheck disable=SC2086
"$clang" -target $target -O2 -ffreestanding -fno-builtin -fno-stack-protector -mno-red-zone $includes \
  -c "$root/Workloads/Probe/runtime.c" -o runtime.o
# One module of kernels and probe: the whole is optimised together, and nothing in it may allocate.
# shellcheck disable=SC2086
"$swiftc" -target $target -swift-version 6 -enable-experimental-feature Embedded -wmo -parse-as-library -O -no-allocations \
  -module-name Probe -module-cache-path "$output/cache" \
  -Xcc -ffreestanding -Xcc -mno-red-zone -Xcc -fno-stack-protector -Xfrontend -disable-stack-protector \
  $includes -c "$root"/Workloads/Kernels/*.swift "$root"/Workloads/Probe/*.swift -o probe.o
"$ld" -T "$root/Workloads/Probe/probe.ld" -z max-page-size=4096 --no-eh-frame-hdr --gc-sections --build-id=none \
  boot.o traps.o user.o runtime.o probe.o -o probe.elf
mv probe.elf "$output/probe.elf"
