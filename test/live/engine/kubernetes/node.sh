#!/bin/sh
# A node with containers for the cluster of cluster.sh: the kubelet of the same build, with a containerd of its own. Needs root
# on Debian or Ubuntu.
#   node.sh install     the packages, where they are missing
#   node.sh start DIR   the node `localhost`, with the test images, Ready when this returns
#   node.sh run DIR kubelet|containerd    starts it again after `cluster.sh halt`
#   node.sh stop DIR    ends it, and removes its containers and their networks
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/process.sh"
plugins=/usr/lib/cni

install() {
  command -v containerd >/dev/null && command -v runc >/dev/null && command -v busybox >/dev/null &&
    [ -x "$plugins/bridge" ] && return
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends containerd runc containernetworking-plugins iptables busybox-static
}

start() {
  dir=$(cd "$1" && pwd)
  . "$dir/settings"
  install >&2
  network
  runtime
  agent
  run "$dir" containerd
  "$here/images.sh" "$dir/containerd.sock"
  run "$dir" kubelet
  until_ready "$dir" kubelet is_ready
}

run() {
  dir=$1
  . "$dir/settings"
  case $2 in
    containerd)
      spawn "$dir" containerd containerd --config "$dir/node/containerd.toml"
      until_ready "$dir" containerd ctr --address "$dir/containerd.sock" version >/dev/null 2>&1
      ;;
    kubelet)
      spawn "$dir" kubelet "$bin/kubelet" --config "$dir/node/kubelet.yaml" --kubeconfig "$dir/node/kubeconfig" \
        --root-dir "$dir/node/kubelet" --cert-dir "$dir/node/certs" --hostname-override localhost
      ;;
    *)
      echo "there is no process $2" >&2
      exit 1
      ;;
  esac
}

is_ready() {
  "$bin/kubectl" --kubeconfig "$dir/kubeconfig" wait --for condition=Ready node localhost --timeout 5s >/dev/null 2>&1
}

# Each cluster has a bridge and addresses of its own.
network() {
  mkdir -p "$dir/node/cni"
  cat >"$dir/node/cni/pods.conflist" <<CONFIG
{
  "cniVersion": "0.4.0",
  "name": "pods",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "$(bridge)",
      "isGateway": true,
      "ipam": {
        "type": "host-local",
        "dataDir": "$dir/node/addresses",
        "ranges": [[{ "subnet": "10.214.$((kubelet_port % 256)).0/24" }]]
      }
    },
    { "type": "portmap", "capabilities": { "portMappings": true } }
  ]
}
CONFIG
}

bridge() { echo "intermodal$kubelet_port"; }

runtime() {
  cat >"$dir/node/containerd.toml" <<CONFIG
version = 2
root = "$dir/node/containerd"
state = "$dir/node/run"

[grpc]
  address = "$dir/containerd.sock"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "127.0.0.1:9/pause:1"
  # Where even root may not give a process a negative score, it gets the one there is.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$plugins"
    conf_dir = "$dir/node/cni"
CONFIG
}

agent() {
  cat >"$dir/node/kubelet.yaml" <<CONFIG
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: 127.0.0.1
port: $kubelet_port
healthzPort: 0
authentication:
  anonymous: { enabled: false }
  webhook: { enabled: false }
  x509: { clientCAFile: $dir/certs/ca.crt }
authorization: { mode: AlwaysAllow }
containerRuntimeEndpoint: unix://$dir/containerd.sock
podLogsDir: $dir/node/logs
resolvConf: ''
failSwapOn: false
# It is missed after 20 seconds, see cluster.sh, and tells it is there four times in its lease.
nodeLeaseDurationSeconds: 8
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
makeIPTablesUtilChains: false
# A full disk is the machine's business, not the tests'.
evictionHard: { memory.available: 0%, nodefs.available: 0%, imagefs.available: 0%, nodefs.inodesFree: 0% }
imageGCHighThresholdPercent: 100
featureGates: { KubeletCrashLoopBackOffMax: true }
crashLoopBackOff: { maxContainerRestartPeriod: 5s }
CONFIG
  umask 077
  sed "s/$admin_token/$kubelet_token/" "$dir/kubeconfig" >"$dir/node/kubeconfig"
  umask 022
}

stop() {
  dir=$1
  [ -d "$dir/node" ] || return 0
  . "$dir/settings"
  end "$dir" kubelet KILL
  if [ -f "$dir/pid/containerd" ]; then
    kill -CONT "$(cat "$dir/pid/containerd")" 2>/dev/null || true
    timeout 10 ctr --address "$dir/containerd.sock" --namespace k8s.io tasks list 2>/dev/null |
      sed 1d >"$dir/containers" || true
    while read -r _ pid _; do kill -KILL "$pid" 2>/dev/null || true; done <"$dir/containers"
    end "$dir" containerd KILL
  fi
  for process in /proc/[0-9]*; do
    if [ "${process#/proc/}" != "$$" ] && grep -qF -- "$dir/containerd.sock" "$process/cmdline" 2>/dev/null; then
      kill -KILL "${process#/proc/}" 2>/dev/null || true
    fi
  done
  grep -o " $dir/[^ ]*" /proc/mounts | sort -r | while read -r mount; do umount -l "$mount" 2>/dev/null || true; done
  if [ -f "$dir/containers" ]; then
    while read -r container _; do
      find /sys/fs/cgroup -depth -type d -path "*/k8s.io/$container*" -exec rmdir {} + 2>/dev/null || true
    done <"$dir/containers"
  fi
  find /var/log/containers -lname "$dir/*" -delete 2>/dev/null || true
  ip link del "$(bridge)" 2>/dev/null || true
  rm -rf "$dir/node"
}

"$@"
