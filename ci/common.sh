# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it: messages, where Swift is, where the repository is.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# Exit codes, as in Documentation/reference/exit-codes.md: something the host must have is absent; the command line is wrong.
readonly absent=69 usage=64

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# fail CODE MESSAGE: one clear line, and out.
fail() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}

# Puts Swift into PATH where its installers leave it; says how to get it where there is none.
find_swift() {
  local folder
  if ! command -v swift >/dev/null; then
    for folder in "${SWIFTLY_BIN_DIR:-$HOME/.local/share/swiftly/bin}" /usr/local/swift/usr/bin; do
      if [ -x "$folder/swift" ]; then
        PATH=$folder:$PATH
        break
      fi
    done
  fi
  command -v swift >/dev/null ||
    fail "$absent" "Swift is not installed: get Swift 6.2 or later from https://www.swift.org/install/linux, then try again"
}

# Keeps what takes long to make (kernels, file systems of emulated hosts) in the checkout, where that can be written; else the
# program keeps it in the user's cache.
keep_in_checkout() {
  [ -z "${NEARMETAL_CACHE:-}" ] && mkdir -p "$root/.build/emulated" 2>/dev/null && [ -w "$root/.build/emulated" ] || return 0
  export NEARMETAL_CACHE=$root/.build
}
