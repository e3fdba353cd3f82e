#!/bin/sh
# Starts an unpacked Erlang wherever its folder is; the package's own launchers know one place only.
# One is in bin/, the other in erts-VERSION/bin/: RabbitMQ 4 starts helpers by that when it joins a cluster.
ROOTDIR=$(cd "$(dirname "$0")/.." && pwd)
case $ROOTDIR in */erts-*) ROOTDIR=$(dirname "$ROOTDIR") ;; esac
BINDIR=$(echo "$ROOTDIR"/erts-*/bin)
EMU=beam
PROGNAME=erl
export ROOTDIR BINDIR EMU PROGNAME
exec "$BINDIR/erlexec" "$@"
