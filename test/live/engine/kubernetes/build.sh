#!/bin/sh
# build.sh [NAME…]: makes the programs of a Kubernetes cluster from the Go module proxy and prints the folder they are in.
# Made once per version: they stay in ${XDG_CACHE_HOME:-~/.cache}/intermodal-test. The first time takes about ten minutes on
# two cores; `build.sh --cached` says by its exit code whether they are there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
source=$here/control-plane
programs='kube-apiserver kube-controller-manager kube-scheduler kubelet kubectl etcd'

version=$(sed -n 's/^[[:space:]]*k8s\.io\/kubernetes \(v.*\)$/\1/p' "$source/go.mod")
key=$(cat "$source/go.mod" "$source/go.sum" "$source/etcd/main.go" | sha256sum | cut -c1-12)
bin=${XDG_CACHE_HOME:-$HOME/.cache}/intermodal-test/kubernetes-$version-$key

missing=
for program in $programs; do [ -x "$bin/$program" ] || missing="$missing $program"; done
if [ "${1:-}" = --cached ]; then [ -z "$missing" ] && exit 0 || exit 1; fi
if [ -z "$missing" ]; then
  echo "$bin"
  exit 0
fi

PATH=$PATH:/usr/local/go/bin
if ! command -v go >/dev/null; then
  echo "Building a Kubernetes control plane needs Go 1.24 or newer, and there is none in PATH or /usr/local/go." >&2
  echo "Install it, or give a cluster of your own: INTERMODAL_TEST_KUBECONFIG=~/.kube/config npm run test:live -- kubernetes" >&2
  exit 1
fi

started=$(date +%s)
mkdir -p "$bin"
numbers=${version#v}
major=${numbers%%.*}
minor=${numbers#*.}
minor=${minor%%.*}
stamp=
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  stamp="$stamp -X $package.gitVersion=$version -X $package.gitMajor=$major -X $package.gitMinor=$minor"
done
cd "$source"
for program in $missing; do
  echo "building $program $version" >&2
  case $program in
    etcd) package=./etcd ;;
    *) package=k8s.io/kubernetes/cmd/$program ;;
  esac
  # To a name of its own first: a build that is interrupted, or a second one at the same time, leaves nothing half-made.
  CGO_ENABLED=0 GOFLAGS=-mod=readonly GOTOOLCHAIN=local \
    go build -ldflags "-s -w $stamp" -o "$bin/.$program.$$" "$package" >&2
  mv "$bin/.$program.$$" "$bin/$program"
done
echo "built$missing $version in $(($(date +%s) - started)) s" >&2
echo "$bin"
