#!/bin/sh
# root.sh DIR: fills a folder with what the test images hold: a static busybox, and an app that serves HTTP on 8080. / tells its
# version, /health is there. CRASH_AFTER=n ends it after n seconds, START_DELAY=n makes it wait before it listens.
set -eu
root=$1
mkdir -p "$root/bin" "$root/etc" "$root/tmp" "$root/www" "$root/proc" "$root/sys" "$root/dev" "$root/run"
chmod 1777 "$root/tmp"
cp "$(command -v busybox)" "$root/bin/busybox"
for tool in sh sleep httpd wget cat ls rm touch kill echo env id hostname true false date head seq; do
  ln -s busybox "$root/bin/$tool"
done
echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
echo 'root:x:0:' >"$root/etc/group"
cat >"$root/bin/app" <<'APP'
#!/bin/sh
trap 'echo stopping; kill "$server" 2>/dev/null; exit 0' TERM INT
echo "version $VERSION of $(hostname) is starting"
echo 'this goes to stderr' >&2
[ -n "${START_DELAY:-}" ] && sleep "$START_DELAY"
httpd -f -p "${PORT:-8080}" -h /www &
server=$!
if [ -n "${CRASH_AFTER:-}" ]; then
  sleep "$CRASH_AFTER" &
  wait $!
  echo crashing
  exit 3
fi
wait "$server"
APP
chmod +x "$root/bin/app"
echo fine >"$root/www/health"
