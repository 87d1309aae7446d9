#!/bin/sh
# images.sh SOCKET: gives a containerd the test images without a registry, and one for pods to begin with.
set -eu
socket=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# load NAME COMMAND VERSION: an archive as `docker save` writes it, with the folder as its one layer
load() {
  mkdir -p "$work/image"
  tar -C "$work/root" --sort=name --mtime=@0 --owner=0 --group=0 -cf "$work/image/layer.tar" .
  layer=$(sha256sum "$work/image/layer.tar" | cut -d' ' -f1)
  cat >"$work/image/config.json" <<CONFIG
{
  "architecture": "$(go_architecture)",
  "os": "linux",
  "config": { "Cmd": $2, "Env": ["PATH=/bin", "VERSION=$3"] },
  "rootfs": { "type": "layers", "diff_ids": ["sha256:$layer"] }
}
CONFIG
  echo "[{\"Config\":\"config.json\",\"RepoTags\":[\"$1\"],\"Layers\":[\"layer.tar\"]}]" >"$work/image/manifest.json"
  tar -C "$work/image" -cf "$work/image.tar" manifest.json config.json layer.tar
  ctr --address "$socket" --namespace k8s.io images import "$work/image.tar" >/dev/null
}

go_architecture() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) uname -m ;;
  esac
}

mkdir "$work/root"
"$here/../root.sh" "$work/root"
for version in 1 2; do
  echo "$version" >"$work/root/www/index.html"
  load "127.0.0.1:9/app:$version" '["/bin/app"]' "$version"
done
load 127.0.0.1:9/pause:1 '["/bin/sleep", "2147483647"]' 1
