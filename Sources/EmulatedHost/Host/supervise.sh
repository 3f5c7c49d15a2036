# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by emulated-host: starts the emulator, brings its ports here, and sees that both end.
#
# The host has four ports: its console; the command's standard output and standard error; and one on which init says,
# a line each, "ready", "absent WHY" and "status N". Each is a pipe with a reader that takes no more than the limit.

host=''
readers=() console='' stdout='' stderr='' control='' emulator=''

# end_host: ends the emulator. Who reads its ports then comes to their end.
end_host() {
  [ -n "$host" ] || return 0
  stop_backend TERM
  for _ in {1..30}; do
    kill -0 "$host" 2>/dev/null || break
    sleep 0.1
  done
  stop_backend KILL
  wait "$host" 2>/dev/null || true
  host=''
}

# drain_ports: waits until the readers have passed on what came, for as long as somebody takes it.
drain_ports() {
  local reader
  for reader in "${readers[@]}"; do
    while kill -0 "$reader" 2>/dev/null; do sleep 0.05; done
  done
}

# read_port NAME: passes a port's bytes on to standard output. More than the limit, or nobody who takes them, is noted.
read_port() {
  local name=$1
  if ! stdbuf -o0 head -c "$limit_bytes" 2>/dev/null; then
    echo "$name" >>"$work/closed"
  elif [ "$(head -c 1 | wc -c)" != 0 ]; then
    echo "$name" >>"$work/flooded"
  fi
  cat >/dev/null
}

run_host() {
  local status result=0
  : >"$work/control"
  if [ $# = 0 ]; then run_shell; fi
  # Pipes without a name end with those who hold them, however this script ends.
  exec {console}> >(read_port console >"$work/console") && readers+=($!)
  exec {stdout}> >(read_port stdout) && readers+=($!)
  exec {stderr}> >(read_port stderr >&2) && readers+=($!)
  exec {control}> >(read_port control >"$work/control") && readers+=($!)
  exec {emulator}> >(read_port emulator >"$work/emulator") && readers+=($!)
  start_backend ports </dev/null >&"$emulator" 2>&1 &
  host=$!
  exec {console}>&- {stdout}>&- {stderr}>&- {control}>&- {emulator}>&-
  await_end || result=$?
  [ "$result" = 0 ] || exit "$result"
  end_host
  drain_ports
  [ ! -s "$work/closed" ] || fail "$unwritten" "standard output or standard error was closed before the command ended"
  status=$(sed -n 's/^status \([0-9]*\)\r*$/\1/p' "$work/control")
  bring_back
  [ -z "$log" ] || cp "$work/console" "$log"
  exit "$status"
}

# A shell on the host's console, which is this terminal.
run_shell() {
  start_backend shell <&0 &
  host=$!
  wait "$host" || true
  host=''
  bring_back
  exit 0
}

# await_end: 0 once the command's status is there; else says why it never will be.
await_end() {
  local deadline=$((SECONDS + boot_timeout)) ready=no why
  while ! grep -q '^status [0-9]' "$work/control"; do
    if [ -s "$work/flooded" ]; then
      give_up "$(sort -u "$work/flooded" | head -n 1): more than $limit came from this port; raise --limit if that is right"
      return "$incomplete"
    fi
    if [ -s "$work/closed" ]; then return 0; fi
    if [ "$ready" = no ] && grep -q '^ready' "$work/control"; then
      ready=yes
      deadline=$((SECONDS + timeout))
      say "up after $SECONDS s"
    fi
    why=$(sed -n 's/^absent \([^\r]*\).*/\1/p' "$work/control")
    if [ -n "$why" ]; then
      give_up "$why"
      return "$absent"
    fi
    if ! kill -0 "$host" 2>/dev/null && ! grep -q '^status [0-9]' "$work/control"; then
      give_up "the host ended before the command did$(reason_of_backend)"
      return "$incomplete"
    fi
    if [ "$SECONDS" -ge "$deadline" ]; then
      if [ "$ready" = yes ]; then
        give_up "the command did not end within $timeout s and was stopped; raise --timeout if it needs more"
      else
        give_up "the host did not come up within $boot_timeout s; try again on a machine with less to do"
      fi
      return "$incomplete"
    fi
    sleep 0.1
  done
}

# give_up WHY: one line, with the place where the console is kept.
give_up() {
  local kept=$log
  : >"$work/state"
  if kill -0 "$host" 2>/dev/null; then describe_backend >"$work/state" 2>/dev/null || true; fi
  # What is on its way through the pipes belongs to the log.
  end_host
  drain_ports
  if [ -z "$kept" ]; then
    mkdir -p "$cache/log"
    kept=$(mktemp "$cache/log/$backend-$(date +%Y%m%dT%H%M%S).XXXX")
    find "$cache/log" -type f -printf '%T@ %p\n' | sort -rn | sed -n 's/^[^ ]* //; 11,$p' | xargs -r rm -f
  fi
  { cat "$work/console" && sed 's/^/emulator: /' "$work/emulator" && sed 's/^/processors: /' "$work/state"; } >"$kept" \
    2>/dev/null || true
  say "$* (console: $kept)"
}

# bring_back: unpacks what the command wrote below its folder, to the same place here.
bring_back() {
  # A disk that nothing was written to holds zeros.
  [ -n "$(head -c 512 "$work/output" | tr -d '\0')" ] || return 0
  tar -xf "$work/output" --no-same-owner 2>"$work/unpack.log" ||
    fail "$unwritten" "what the command wrote could not be brought back: $(head -n 1 "$work/unpack.log")"
}
