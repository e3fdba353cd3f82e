import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Puts a launcher for Erlang into unpacked packages that runs wherever the folder is; the package's knows one place. */
export function writeErlangLauncher(unpacked: string): void {
  const file = join(unpacked, "usr/lib/erlang/bin/erl");
  rmSync(file, { force: true });
  writeFileSync(file, launcher, { mode: 0o755 });
}

const launcher = `#!/bin/sh
ROOTDIR=$(cd "$(dirname "$0")/.." && pwd)
BINDIR=$(echo "$ROOTDIR"/erts-*/bin)
EMU=beam
PROGNAME=erl
export ROOTDIR BINDIR EMU PROGNAME
exec "$BINDIR/erlexec" "$@"
`;
