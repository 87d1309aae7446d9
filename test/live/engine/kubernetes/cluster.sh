#!/bin/sh
# A Kubernetes cluster of its own on loopback ports, for the live tests. DIR/kubeconfig is the way in.
#   cluster.sh start DIR            a control plane without nodes, ready to take objects
#   cluster.sh nodes DIR COUNT      nodes without containers
#   cluster.sh run DIR PROCESS      starts one of its processes again after `halt`: etcd, kube-apiserver,
#                                   kube-controller-manager, kube-scheduler
#   cluster.sh halt DIR PROCESS [SIGNAL]
#   cluster.sh stop DIR             ends it and removes what it left
# node.sh adds a node with containers.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/process.sh"

run() {
  dir=$1
  . "$dir/settings"
  case $2 in
    etcd)
      spawn "$dir" etcd "$bin/etcd" --name test --data-dir "$dir/etcd" --log-level error \
        --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
        --listen-peer-urls "http://127.0.0.1:$peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
        --initial-cluster "test=http://127.0.0.1:$peer_port" --unsafe-no-fsync
      ;;
    kube-apiserver)
      # Lost nodes are given up after seconds instead of minutes, so that tests need not wait that long. They are missed only
      # after 20 seconds all the same: on a busy machine no node should seem lost that is not.
      spawn "$dir" kube-apiserver "$bin/kube-apiserver" --etcd-servers "http://127.0.0.1:$etcd_port" \
        --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --secure-port "$api_port" \
        --endpoint-reconciler-type none --cert-dir "$dir/certs" --allow-privileged \
        --client-ca-file "$dir/certs/ca.crt" --token-auth-file "$dir/tokens.csv" --authorization-mode Node,RBAC \
        --service-account-issuer https://kubernetes.default.svc \
        --service-account-key-file "$dir/certs/accounts.key" \
        --service-account-signing-key-file "$dir/certs/accounts.key" \
        --kubelet-client-certificate "$dir/certs/client.crt" --kubelet-client-key "$dir/certs/client.key" \
        --kubelet-preferred-address-types Hostname --service-cluster-ip-range 10.213.0.0/16 \
        --default-not-ready-toleration-seconds 2 --default-unreachable-toleration-seconds 2
      until_ready "$dir" kube-apiserver answers
      ;;
    kube-controller-manager)
      spawn "$dir" kube-controller-manager "$bin/kube-controller-manager" --kubeconfig "$dir/kubeconfig" \
        --leader-elect=false --secure-port 0 --kube-api-qps 1000 --kube-api-burst 2000 \
        --service-account-private-key-file "$dir/certs/accounts.key" --root-ca-file "$dir/certs/apiserver.crt" \
        --enable-hostpath-provisioner --node-monitor-period 1s --node-monitor-grace-period 20s
      ;;
    kube-scheduler)
      spawn "$dir" kube-scheduler "$bin/kube-scheduler" --kubeconfig "$dir/kubeconfig" \
        --leader-elect=false --secure-port 0 --kube-api-qps 1000 --kube-api-burst 2000
      ;;
    *)
      echo "there is no process $2" >&2
      exit 1
      ;;
  esac
}

answers() { "$bin/kubectl" --kubeconfig "$dir/kubeconfig" get --raw /readyz >/dev/null 2>&1; }

has_accounts() { "$bin/kubectl" --kubeconfig "$dir/kubeconfig" get serviceaccount default >/dev/null 2>&1; }

start() {
  bin=$("$here/build.sh")
  mkdir -p "$1"
  dir=$(cd "$1" && pwd)
  settings "$dir"
  certificates "$dir"
  kubeconfig "$dir" admin >"$dir/kubeconfig"
  for process in etcd kube-apiserver kube-controller-manager kube-scheduler; do run "$dir" "$process"; done
  "$bin/kubectl" --kubeconfig "$dir/kubeconfig" apply -f "$here/storage.yaml" >/dev/null
  # A pod made before its namespace has an account is refused.
  until_ready "$dir" kube-controller-manager has_accounts
}

settings() { # DIR
  node -e '
    const { createServer } = require("node:net")
    const servers = process.argv.slice(1).map(() => createServer().listen(0, "127.0.0.1"))
    const listening = servers.map((server) => new Promise((resolve) => server.once("listening", resolve)))
    Promise.all(listening).then(() => {
      servers.forEach((server, at) => {
        console.log(`${process.argv[at + 1]}=${server.address().port}`)
        server.close()
      })
    })' etcd_port peer_port api_port kubelet_port >"$1/settings"
  {
    echo "bin='$bin'"
    for user in admin kubelet; do echo "${user}_token=$(openssl rand -hex 16)"; done
  } >>"$1/settings"
  . "$1/settings"
  umask 077
  {
    echo "$admin_token,admin,admin,system:masters"
    echo "$kubelet_token,system:node:localhost,kubelet,system:nodes"
  } >"$1/tokens.csv"
  umask 022
}

# The apiserver makes its own certificate. Ours are for the way from it to a kubelet, and to sign accounts.
certificates() { # DIR
  mkdir -p "$1/certs"
  (
    cd "$1/certs"
    umask 077
    for name in ca client accounts; do openssl ecparam -name prime256v1 -genkey -noout -out $name.key; done
    openssl req -x509 -new -key ca.key -subj /CN=test-ca -days 30 -out ca.crt
    openssl req -new -key client.key -subj /O=system:masters/CN=kube-apiserver -out client.csr
    openssl x509 -req -in client.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out client.crt 2>/dev/null
  )
}

kubeconfig() { # DIR USER
  eval "token=\$${2}_token"
  cat <<CONFIG
apiVersion: v1
kind: Config
current-context: $2
clusters:
  - name: test
    cluster:
      server: https://127.0.0.1:$api_port
      certificate-authority: $1/certs/apiserver.crt
contexts:
  - name: $2
    context: { cluster: test, user: $2, namespace: default }
users:
  - name: $2
    user: { token: $token }
CONFIG
}

nodes() {
  dir=$1
  . "$dir/settings"
  spawn "$dir" stand-in "$here/../../../../node_modules/.bin/node" "$here/stand-in/main.ts" "$dir/kubeconfig" "$2"
  until_ready "$dir" stand-in has_nodes "$2"
}

has_nodes() {
  "$bin/kubectl" --kubeconfig "$dir/kubeconfig" wait --for condition=Ready node "stand-in-$1" --timeout 10s >/dev/null 2>&1
}

halt() { end "$1" "$2" "${3:-TERM}"; }

stop() {
  dir=$1
  [ -f "$dir/settings" ] || { rm -rf "$dir"; return; }
  . "$dir/settings"
  if [ -f "$dir/pid/kube-apiserver" ]; then
    # What the claims of the apps were given lies in /tmp, by the name of the volume.
    timeout 10 "$bin/kubectl" --kubeconfig "$dir/kubeconfig" get persistentvolumes \
      -o 'jsonpath={range .items[*]}{.spec.hostPath.path}{"\n"}{end}' 2>/dev/null |
      grep '^/tmp/hostpath_pv/' >"$dir/volumes" || true
  fi
  if [ -x "$here/node.sh" ]; then "$here/node.sh" stop "$dir"; fi
  for process in stand-in kube-scheduler kube-controller-manager kube-apiserver etcd; do end "$dir" "$process" KILL; done
  if [ -f "$dir/volumes" ]; then while read -r volume; do rm -rf "$volume"; done <"$dir/volumes"; fi
  rm -rf "$dir"
}

"$@"
