/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { raw } from "hono/html";
import type { ApiCall } from "../load/curl.ts";
import type { Model } from "../load/model.ts";
import { type Parts, partsOf } from "./parts.ts";
import { heightOf, WideFlow, wideWidth } from "./wide.tsx";

const margin = 12;

type Scheme = "light" | "dark";

/** The site's colours: a picture in a README has no style sheet. */
const colours = {
  light: {
    paper: "#ffffff",
    ink: "#1a2230",
    mute: "#556072",
    producer: ["#e5f1ff", "#0b66c3"],
    broker: ["#fff3d1", "#764a00"],
    consumer: ["#e0f4e7", "#146038"],
    dead: ["#fdeaea", "#a0232a"],
  },
  dark: {
    paper: "#0f141b",
    ink: "#e6ebf2",
    mute: "#9ba8ba",
    producer: ["#14293f", "#58a6ff"],
    broker: ["#33280f", "#e5b653"],
    consumer: ["#14301f", "#74d392"],
    dead: ["#3a1a1d", "#ff9d97"],
  },
} as const;

function styleOf(scheme: Scheme): string {
  const { paper, ink, mute, ...boxes } = colours[scheme];
  return [
    `text{font:600 12.5px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;fill:${ink}}`,
    `.sub{font-size:11px;font-weight:400;fill:${mute}}`,
    `.column{font-size:11.5px;fill:${mute}}`,
    `.paper{fill:${paper}}`,
    `.arrow{fill:none;stroke:${mute};stroke-width:1.3}`,
    ".dashed{stroke-dasharray:4 4}",
    `marker path{fill:${mute}}`,
    ...Object.entries(boxes).map(([kind, [fill, stroke]]) =>
      `.${kind} rect{fill:${fill};stroke:${stroke};stroke-width:1.3}`
    ),
  ].join("");
}

function describe({ request, exchange, lanes }: Parts): string {
  const jobs = lanes.map(({ job }) => job.title).join(", ");
  return `${request.title} ${request.sub} commits the appointment and an outbox row in one transaction. The relay ` +
    `publishes the row to ${exchange.title}, where ${lanes.length} queues feed ${lanes.length} jobs: ${jobs}. What ` +
    "fails goes through delay queues back to its one queue, and at last to the dead letters.";
}

/** The README's picture of the flow, as an SVG of its own; each part leads to a file of the repository. */
export function flowPicture(model: Model, booking: ApiCall, scheme: Scheme): string {
  const parts = partsOf(model, booking, {
    request: "../producer/src/domain/book-appointment.ts",
    transaction: "adr/0002-transactional-outbox.md",
    relay: "../producer/src/outbox/relay.ts",
    archive: "operate/broker-loss.md",
    exchange: "../asyncapi.yaml",
    queue: () => "../consumer/asyncapi.yaml",
    job: ({ name }) => `../consumer/src/jobs/${name}/${name}.ts`,
    retries: () => "adr/0003-retries-and-dead-letters.md",
    deadLetters: () => "operate/dead-letters.md",
  });
  const height = heightOf(parts);
  const paper = { x: -margin, y: -margin, width: wideWidth + 2 * margin, height: height + 2 * margin };
  const picture = (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      viewBox={`${paper.x} ${paper.y} ${paper.width} ${paper.height}`}
      aria-labelledby="title description"
    >
      <title id="title">From a request to its effects</title>
      <desc id="description">{describe(parts)}</desc>
      <style>{raw(styleOf(scheme))}</style>
      <rect class="paper" {...paper} rx="12" />
      <WideFlow id="flow" parts={parts} size={{ width: wideWidth, height }} />
    </svg>
  );
  const text = String(picture).replaceAll(/><\/(path|rect)>/g, "/>");
  return `${text.replaceAll("><", ">\n<")}\n`; // a line an element, so that a change of it can be read
}
