/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Model } from "./load/model.ts";

const row = 64;
const top = 56;

function Box(
  props: {
    x: number;
    y: number;
    width: number;
    kind: string;
    title: string;
    sub?: string;
    href?: string;
  },
) {
  const { x, y, width, kind, title, sub, href } = props;
  const box = (
    <g class={`box ${kind}`}>
      <rect x={x} y={y} width={width} height={44} rx={8} />
      <text x={x + width / 2} y={y + (sub ? 19 : 27)} text-anchor="middle">
        {title}
      </text>
      {sub
        ? (
          <text class="sub" x={x + width / 2} y={y + 35} text-anchor="middle">
            {sub}
          </text>
        )
        : null}
    </g>
  );
  return href ? <a href={href}>{box}</a> : box;
}

function Arrow({ d, dashed }: { d: string; dashed?: boolean }) {
  return (
    <path
      class={dashed ? "arrow dashed" : "arrow"}
      d={d}
      marker-end="url(#head)"
    />
  );
}

/** Exchange → queues → jobs → retries → dead letters, as the two documents say it. Every part is a link. */
export function Flow(
  { model, link }: { model: Model; link: (to: string) => string },
) {
  const { jobs, exchange, events } = model;
  const middle = top + ((jobs.length - 1) * row) / 2;
  const height = top + jobs.length * row + 90;
  const retry = model.consumer["x-rabbitmq"]?.exchanges.retry.name ?? "";
  const deadLetter = model.consumer["x-rabbitmq"]?.exchanges.deadLetter.name ??
    "";
  const below = top + jobs.length * row + 24;
  return (
    <div
      class="flow"
      role="region"
      aria-label="Flow of the events"
      tabindex={0}
    >
      <svg
        viewBox={`0 0 1060 ${height}`}
        role="group"
        aria-label="From the producer to the jobs"
      >
        <defs>
          <marker
            id="head"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        {["producer", "exchange", "bound to", "queue", "job"].map((
          title,
          index,
        ) => (
          <text class="column" x={[10, 186, 356, 500, 830][index]} y={30}>
            {title}
          </text>
        ))}
        <Box
          x={10}
          y={middle}
          width={130}
          kind="producer"
          title="appointments"
          sub={`${events.length} events`}
          href={link("api/index.html")}
        />
        <Arrow d={`M140 ${middle + 22}H184`} />
        <Box
          x={186}
          y={middle}
          width={140}
          kind="broker"
          title={exchange.name}
          sub={exchange.type}
          href={link("events/index.html")}
        />
        {jobs.map((job, index) => {
          const y = top + index * row;
          const bend = y < middle ? middle - 2 : middle + 46;
          const d = y === middle ? `M326 ${y + 22}H498` : `M256 ${bend}V${y + 22}H498`;
          const keys = job.settings.bindings.map(({ routingKey }) => routingKey)
            .join("  ");
          return (
            <>
              <Arrow d={d} />
              <text class="sub" x={356} y={y + 16}>{keys}</text>
              <Box
                x={500}
                y={y}
                width={230}
                kind="broker"
                title={job.queue}
                sub={`at most ${job.settings.arguments["x-max-length"]}`}
                href={link(`jobs/${job.name}.html#queue`)}
              />
              <Arrow d={`M730 ${y + 22}H828`} />
              <Box
                x={830}
                y={y}
                width={220}
                kind="consumer"
                title={job.name}
                href={link(`jobs/${job.name}.html`)}
              />
            </>
          );
        })}
        <Box
          x={500}
          y={below}
          width={230}
          kind="broker"
          title={retry}
          sub={jobs[0]?.settings.retry.delays.join(" · ") ?? ""}
          href={link("operate/dead-letters.html")}
        />
        <Box
          x={830}
          y={below}
          width={220}
          kind="dead"
          title={`${deadLetter} → apt.*.dlq`}
          sub="kept until replayed"
          href={link("operate/dead-letters.html")}
        />
        <Arrow
          d={`M880 ${below - 36}Q880 ${below + 14} 850 ${below + 14}H732`}
          dashed
        />
        <Arrow d={`M615 ${below}V${below - 34}`} dashed />
        <Arrow d={`M980 ${below - 36}V${below - 2}`} dashed />
        <text class="sub" x={625} y={below - 10}>back to its one queue</text>
        <text class="sub" x={990} y={below - 10}>at last</text>
      </svg>
    </div>
  );
}
