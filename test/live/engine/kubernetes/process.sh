# Processes with their pid in DIR/pid and what they say in DIR/log, for the scripts beside it.

spawn() { # DIR NAME COMMAND…
  spawn_dir=$1
  spawn_name=$2
  shift 2
  mkdir -p "$spawn_dir/pid" "$spawn_dir/log"
  setsid "$@" >>"$spawn_dir/log/$spawn_name" 2>&1 </dev/null &
  echo $! >"$spawn_dir/pid/$spawn_name"
}

alive() { grep -q '^State:[[:space:]]*[^[:space:]ZX]' "/proc/$1/status" 2>/dev/null; }

end() { # DIR NAME SIGNAL
  [ -f "$1/pid/$2" ] || return 0
  end_pid=$(cat "$1/pid/$2")
  # The number may have gone to somebody else's process since; each of ours has the folder in its command line.
  if ! grep -qF -- "$1/" "/proc/$end_pid/cmdline" 2>/dev/null; then
    rm -f "$1/pid/$2"
    return 0
  fi
  kill -CONT "$end_pid" 2>/dev/null || true
  kill "-$3" "$end_pid" 2>/dev/null || true
  end_tries=0
  while alive "$end_pid"; do
    end_tries=$((end_tries + 1))
    if [ "$end_tries" -gt 200 ]; then kill -KILL "$end_pid" 2>/dev/null || true; fi
    sleep 0.05
  done
  rm -f "$1/pid/$2"
}

until_ready() { # DIR NAME CHECK…: waits until the check passes, a minute at most, as long as the process lives
  ready_dir=$1
  ready_name=$2
  shift 2
  ready_tries=0
  until "$@"; do
    ready_tries=$((ready_tries + 1))
    if [ "$ready_tries" -gt 600 ] || ! alive "$(cat "$ready_dir/pid/$ready_name")"; then
      echo "$ready_name does not get ready; the last it said:" >&2
      tail -n 20 "$ready_dir/log/$ready_name" >&2
      exit 1
    fi
    sleep 0.1
  done
}
