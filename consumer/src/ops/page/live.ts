import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { setTimeout as sleep } from "node:timers/promises";

const everyMs = 500;
/** A proxy in between may take a silent connection for dead. */
const aliveMs = 15_000;
const maxViewers = 50;
let viewers = 0;

/** Sends what `render` answers whenever that has changed, until the browser goes or the service stops. */
export function sendLive(
  context: Context,
  render: () => Promise<string>,
  stop: AbortSignal,
): Response | Promise<Response> {
  if (viewers >= maxViewers) return context.text(`At most ${maxViewers} pages are live at the same time.\n`, 503);
  // nginx would gather what is sent.
  context.header("x-accel-buffering", "no");
  return streamSSE(context, async (stream) => {
    viewers += 1;
    const ended = new AbortController();
    const end = () => ended.abort();
    stream.onAbort(end);
    stop.addEventListener("abort", end, { once: true });
    let shown = "";
    let sentAt = 0;
    try {
      while (!ended.signal.aborted) {
        // What can't be read now is shown as it was.
        const html = await render().catch(() => shown);
        if (html !== shown) await stream.writeSSE({ data: html });
        else if (performance.now() - sentAt > aliveMs) await stream.write(": alive\n\n");
        if (html !== shown || performance.now() - sentAt > aliveMs) sentAt = performance.now();
        shown = html;
        await sleep(everyMs, undefined, { signal: ended.signal }).catch(() => {});
      }
    } finally {
      viewers -= 1;
      stop.removeEventListener("abort", end);
    }
  });
}
