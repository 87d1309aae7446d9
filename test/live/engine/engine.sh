#!/bin/sh
# A Docker engine in swarm mode of its own, for the live tests. Needs root on Debian or Ubuntu.
#   engine.sh install             the packages, where they are missing
#   engine.sh start DIR [NETNS]   an engine with everything in DIR, in a network namespace of its own if named
#   engine.sh daemon DIR [NETNS]  only its process: to start it again after it was killed
#   engine.sh swarm DIR           makes it a manager and loads the test images
#   engine.sh stop DIR [NETNS]    ends it and removes what it left
# Its address is unix://DIR/docker.sock. Two engines in one namespace would fight over docker0.
set -eu

install() {
  command -v dockerd >/dev/null && command -v iptables >/dev/null && command -v busybox >/dev/null && return
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends docker.io iptables busybox-static
}

inside() { # NETNS COMMAND...
  netns=$1
  shift
  # `ip netns exec` would remount /sys and hide the cgroups.
  if [ -n "$netns" ]; then exec nsenter --net="/var/run/netns/$netns" "$@"; else exec "$@"; fi
}

daemon() {
  dir=${1:?}
  netns=${2:-}
  # A killed engine leaves its pid file, and refuses to start while that process is not quite gone.
  if [ -f "$dir/pid" ]; then
    while alive "$(cat "$dir/pid")"; do sleep 0.1; done
    rm -f "$dir/pid"
  fi
  (inside "$netns" setsid dockerd --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/pid" \
    --host "unix://$dir/docker.sock" >>"$dir/log" 2>&1 </dev/null &)
  tries=0
  until answers "$dir/docker.sock"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ]; then
      tail -n 20 "$dir/log" >&2
      exit 1
    fi
    sleep 0.1
  done
}

alive() { grep -q '^State:[[:space:]]*[^ZX]' "/proc/$1/status" 2>/dev/null; }

answers() { docker --host "unix://$1" version >/dev/null 2>&1; }

start() {
  dir=${1:?}
  netns=${2:-}
  mkdir -p "$dir"
  if [ -n "$netns" ]; then
    ip netns add "$netns"
    ip netns exec "$netns" ip link set lo up
  fi
  daemon "$dir" "$netns"
}

swarm() {
  docker --host "unix://$1/docker.sock" swarm init --advertise-addr 127.0.0.1 >/dev/null
  sh "$(dirname "$0")/images.sh" "unix://$1/docker.sock"
}

stop() {
  dir=${1:?}
  netns=${2:-}
  if [ -f "$dir/pid" ]; then
    pid=$(cat "$dir/pid")
    kill -CONT "$pid" 2>/dev/null || true
    docker --host "unix://$dir/docker.sock" swarm leave --force >/dev/null 2>&1 || true
    kill "$pid" 2>/dev/null || true
    tries=0
    while alive "$pid" && [ "$tries" -lt 200 ]; do
      tries=$((tries + 1))
      sleep 0.1
    done
  fi
  # What an engine that was killed has left: its containerd and the shims of its containers.
  for process in /proc/[0-9]*; do
    if [ "${process#/proc/}" != "$$" ] && grep -qF -- "$dir/exec/" "$process/cmdline" 2>/dev/null; then
      kill -KILL "${process#/proc/}" 2>/dev/null || true
    fi
  done
  grep -o " $dir/[^ ]*" /proc/mounts | sort -r | while read -r mount; do umount -l "$mount" 2>/dev/null || true; done
  rm -rf "$dir"
  if [ -n "$netns" ]; then ip netns del "$netns" 2>/dev/null || true; fi
}

"$@"
