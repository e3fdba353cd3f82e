#!/usr/bin/env bash
# Puts the RabbitMQ 4 of Debian 13 (or of the suite that is named: `forky` has 4.3) where RABBITMQ_VIA=unpacked looks for
# one, on a Debian 12 machine. So the tests can run on the broker of docker-compose.yml without Docker:
#   apt-get install patchelf && system/testing/unpack-rabbitmq-4.sh && RABBITMQ_VIA=unpacked npm test
# Its programs need a newer C library than the machine has; they get it, and nothing else does.
set -euo pipefail
cd "$(dirname "$0")/../.."
for tool in apt-get dpkg-deb patchelf; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install apt dpkg patchelf" >&2; exit 1; }
done
suite=${1:-trixie}
target=$PWD/.local/cache/rabbitmq
case $target in *' '*) echo "$target has a space, which Erlang's loader can't stand" >&2; exit 1 ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mirror=$(awk '$1 == "URIs:" { print $2; exit }' /etc/apt/sources.list.d/debian.sources)
mkdir -p "$work/lists/partial" "$work/packages"
cat >"$work/debian.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
settings=(-o "Dir::Etc::SourceList=$work/debian.sources" -o Dir::Etc::SourceParts=/dev/null
  -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work" -o APT::Sandbox::User=root)
depends() {
  apt-cache "${settings[@]}" depends --no-{recommends,suggests,conflicts,breaks,replaces,enhances} "$@" |
    sed -E 's/^[ |]*((Pre)?Depends: )?//' | grep -E '^[a-z0-9]' | sort -u
}

echo "downloading RabbitMQ 4 and Erlang from Debian's $suite"
apt-get "${settings[@]}" -qq update
mapfile -t erlang < <(depends --recurse rabbitmq-server | grep '^erlang-')
mapfile -t libraries < <(depends "${erlang[@]}" | grep -E '^(lib|zlib)')
(cd "$work/packages" && apt-get "${settings[@]}" -qq download rabbitmq-server libsctp1 libc6 "${erlang[@]}" "${libraries[@]}")

rm -rf "$target"
mkdir -p "$target"
for package in "$work"/packages/*.deb; do dpkg-deb -x "$package" "$target"; done
# Out of the way of LD_LIBRARY_PATH, which the machine's own shell would follow as well.
mv "$target"/usr/lib/*-linux-gnu "$target/libraries"
rm -rf "$target/usr/lib64"
loader=$(echo "$target"/libraries/ld-linux-*)
system=$(gcc -print-multiarch 2>/dev/null || dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
find "$target/usr/lib/erlang" -type f \( -perm -u+x -o -name '*.so' \) | while read -r file; do
  [ "$(head -c4 "$file" | tail -c3)" = ELF ] || continue
  patchelf --print-interpreter "$file" >/dev/null 2>&1 && patchelf --set-interpreter "$loader" "$file"
  patchelf --force-rpath --set-rpath "$target/libraries:/lib/$system:/usr/lib/$system" "$file"
done
for launcher in "$target"/usr/lib/erlang/{,erts-*/}bin/erl; do
  rm "$launcher"
  install -m 755 system/stack/erlang-launcher.sh "$launcher"
done
echo "RabbitMQ $(basename "$target"/usr/lib/rabbitmq/lib/rabbitmq_server-* | sed 's/.*-//') is in .local/cache/rabbitmq"
