// After `npm ci`: mends postgres.js 3.4.9, whose version is pinned. A connection that is closed while a write waits for the
// end of the turn never writes again: the timer of that write is cleared, but not forgotten, so that no other is ever
// set. Its place in the pool is lost, and whoever gets it waits for connect_timeout, again and again. Reported as
// https://github.com/porsager/postgres/pull/1209, with other repairs; the decision is in docs/adr/0014.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../node_modules/postgres/src/connection.js", import.meta.url);
const repairs = [
  {
    in: "terminate()",
    was: "clearImmediate(nextWriteTimer)\n    if (socket) {",
    is: "clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n    if (socket) {",
  },
  {
    in: "closed()",
    was: "clearImmediate(nextWriteTimer)\n    socket.removeListener(",
    is: "clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n    socket.removeListener(",
  },
];

let code = readFileSync(file, "utf8");
for (const { in: place, was, is } of repairs) {
  if (code.includes(is)) continue;
  if (code.split(was).length !== 2) {
    throw new Error(
      `postgres.js is not the version that this was written for: look at ${place}, and whether it is mended`,
    );
  }
  code = code.replace(was, is);
}
writeFileSync(file, code);
