/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Lane, Parts } from "./parts.ts";
import { Arrow, ArrowHead, Box, boxHeight } from "./shapes.tsx";

const width = 344;
const step = 70;
const laneHeight = 150;
const left = 26;
const queueWidth = 178;
const job = { x: 236, width: 106 };

function LaneOf({ id, lane, y }: { id: string; lane: Lane; y: number }) {
  const middle = y + boxHeight / 2;
  const below = y + boxHeight;
  return (
    <>
      <text class="sub" x={left + 4} y={y - 8}>{lane.keys.join("   ")}</text>
      <Arrow id={id} d={`M12 ${middle}H${left - 2}`} />
      <Box x={left} y={y} width={queueWidth} kind="broker" part={lane.queue} />
      <Arrow id={id} d={`M${left + queueWidth} ${y + 14}H${job.x - 2}`} />
      <Arrow id={id} d={`M${job.x} ${y + 32}H${left + queueWidth + 2}`} dashed />
      <Box {...job} y={y} kind="consumer" part={lane.job} />
      <a href={lane.retriesHref}>
        <text class="sub" x={left + 4} y={below + 16}>retry {lane.delays.join(" · ")}</text>
      </a>
      <Arrow id={id} d={`M${job.x + job.width / 2} ${below}v${24}`} dashed />
      <a href={lane.deadLetters.href}>
        <text class="last" x={width - 4} y={below + 40} text-anchor="end">
          {lane.deadLetterExchange} → {lane.deadLetters.title}
        </text>
      </a>
    </>
  );
}

/** The same from top to bottom, for a narrow screen. */
export function NarrowFlow({ id, parts }: { id: string; parts: Parts }) {
  const steps = [parts.request, parts.transaction, parts.relay, parts.exchange];
  const first = steps.length * step + 36;
  const lastLane = first + (parts.lanes.length - 1) * laneHeight;
  return (
    <svg
      class="narrow"
      viewBox={`0 0 ${width} ${lastLane + laneHeight - 40}`}
      role="group"
      aria-label="From a request to its effects, from top to bottom"
    >
      <ArrowHead id={id} />
      {steps.map((part, index) => (
        <>
          <Box
            x={70}
            y={4 + index * step}
            width={width - 140}
            kind={index === steps.length - 1 ? "broker" : "producer"}
            part={part}
          />
          {index === 0
            ? null
            : <Arrow id={id} d={`M${width / 2} ${4 + index * step - step + boxHeight}v${step - boxHeight - 2}`} />}
        </>
      ))}
      <path
        class="arrow"
        d={`M70 ${4 + (steps.length - 1) * step + boxHeight / 2}H20Q12 ${
          4 + (steps.length - 1) * step + boxHeight / 2
        } 12 ${12 + (steps.length - 1) * step + boxHeight / 2}V${lastLane + boxHeight / 2}`}
      />
      {parts.lanes.map((lane, index) => <LaneOf id={id} lane={lane} y={first + index * laneHeight} />)}
    </svg>
  );
}
