#!/bin/sh
# images.sh HOST: makes the test images without a registry, 127.0.0.1:9/app:1 and :2 of a static busybox.
# A pull from that address is refused at once and the local image is used; any other name would be looked up on the network.
set -eu
host=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

sh "$(dirname "$0")/root.sh" "$root"
for version in 1 2; do
  echo "$version" >"$root/www/index.html"
  tar -C "$root" --sort=name --mtime=@0 --owner=0 --group=0 -c . |
    docker --host "$host" import --change 'CMD ["/bin/app"]' --change 'ENV PATH=/bin' \
      --change "ENV VERSION=$version" - "127.0.0.1:9/app:$version" >/dev/null
done
