/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Part } from "./parts.ts";

export const boxHeight = 46;

export type Kind = "producer" | "broker" | "consumer" | "dead";

/** A part as a box with one or two lines of text, and a link. */
export function Box({ x, y, width, kind, part }: { x: number; y: number; width: number; kind: Kind; part: Part }) {
  const { title, sub, href } = part;
  const middle = x + width / 2;
  return (
    <a href={href}>
      <g class={`box ${kind}`}>
        <rect x={x} y={y} width={width} height={boxHeight} rx={8} />
        <text x={middle} y={y + (sub ? 20 : 28)} text-anchor="middle">{title}</text>
        {sub ? <text class="sub" x={middle} y={y + 36} text-anchor="middle">{sub}</text> : null}
      </g>
    </a>
  );
}

/** A line that ends in a head; what only happens after a failure is dashed. `id` is that of the drawing. */
export function Arrow({ id, d, dashed }: { id: string; d: string; dashed?: boolean }) {
  return <path class={dashed ? "arrow dashed" : "arrow"} d={d} marker-end={`url(#${id}-head)`} />;
}

export function ArrowHead({ id }: { id: string }) {
  return (
    <defs>
      <marker
        id={`${id}-head`}
        viewBox="0 0 8 8"
        refX="7"
        refY="4"
        markerWidth="7"
        markerHeight="7"
        orient="auto-start-reverse"
      >
        <path d="M0 0L8 4L0 8z" />
      </marker>
    </defs>
  );
}
