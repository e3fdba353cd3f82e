/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Lane, Parts } from "./parts.ts";
import { Arrow, ArrowHead, Box, boxHeight } from "./shapes.tsx";

const top = 50;
const laneHeight = 76;
export const wideWidth = 1090;
/** Where each column begins, and how wide its boxes are. */
const producer = { x: 8, width: 138 };
const exchange = { x: 178, width: 136 };
const bus = exchange.x + exchange.width + 14;
const queue = { x: 468, width: 192 };
const job = { x: 762, width: 112 };
const dead = { x: 918, width: 164 };
const right = ({ x, width }: { x: number; width: number }) => x + width;

export const heightOf = ({ lanes }: Parts) =>
  top + Math.max(lanes.length, 4) * laneHeight - laneHeight + boxHeight + 22;

function LaneOf({ id, lane, y, middle }: { id: string; lane: Lane; y: number; middle: number }) {
  const center = y + boxHeight / 2;
  const turn = Math.abs(center - middle) < 1
    ? ""
    : `H${bus - 8}Q${bus} ${middle} ${bus} ${middle + Math.sign(center - middle) * 8}V${
      center - Math.sign(center - middle) * 8
    }Q${bus} ${center} ${bus + 8} ${center}`;
  const gap = (right(queue) + job.x) / 2;
  const waits = lane.delays.length > 2 ? [lane.delays.slice(0, 2), lane.delays.slice(2)] : [lane.delays];
  return (
    <>
      <Arrow id={id} d={`M${right(exchange)} ${middle}${turn}H${queue.x - 2}`} />
      {lane.keys.map((key, index) => (
        <text class="sub" x={bus + 14} y={center + (index === 0 ? -7 : 4 + 13 * index)}>{key}</text>
      ))}
      <Box {...queue} y={y} kind="broker" part={lane.queue} />
      <Arrow id={id} d={`M${right(queue)} ${y + 14}H${job.x - 2}`} />
      <Arrow id={id} d={`M${job.x} ${y + 30}H${right(queue) + 2}`} dashed />
      <a href={lane.retriesHref}>
        {waits.map((delays, index) => (
          <text class="sub" x={gap} y={y + 44 + 13 * index} text-anchor="middle">
            {index === 0 ? "retry " : ""}
            {delays.join(" · ")}
          </text>
        ))}
      </a>
      <Box {...job} y={y} kind="consumer" part={lane.job} />
      <Arrow id={id} d={`M${right(job)} ${center}H${dead.x - 2}`} dashed />
      <text class="sub" x={(right(job) + dead.x) / 2 - 3} y={center - 7} text-anchor="middle">
        {lane.deadLetterExchange}
      </text>
      <Box {...dead} y={y} kind="dead" part={lane.deadLetters} />
    </>
  );
}

/**
 * Request → outbox → exchange → queues → jobs → dead letters, from left to right. `id` is unique in the page; without a
 * `size` the drawing is as large as there is room.
 */
export function WideFlow(
  { id, parts, size = {} }: { id: string; parts: Parts; size?: { width?: number; height?: number } },
) {
  const { lanes } = parts;
  const middle = top + ((lanes.length - 1) * laneHeight + boxHeight) / 2;
  const y = middle - boxHeight / 2;
  const down = producer.x + producer.width / 2;
  const steps = [parts.request, parts.transaction, parts.relay, parts.archive];
  const columns: [string, number][] = [
    ["producer", producer.x],
    ["exchange", exchange.x],
    ["bound to", bus + 14],
    ["queue", queue.x],
    ["job", job.x],
    ["dead letters", dead.x],
  ];
  return (
    <svg
      class="wide"
      viewBox={`0 0 ${wideWidth} ${heightOf(parts)}`}
      {...size}
      role="group"
      aria-label="From a request to its effects"
    >
      <ArrowHead id={id} />
      {columns.map(([title, x]) => <text class="column" x={x} y={24}>{title}</text>)}
      {steps.map((part, index) => (
        <>
          <Box {...producer} y={y + (index - 2) * laneHeight} kind="producer" part={part} />
          {index === 0 ? null : (
            <Arrow
              id={id}
              d={`M${down} ${y + (index - 3) * laneHeight + boxHeight}v${laneHeight - boxHeight - 2}`}
            />
          )}
        </>
      ))}
      <Arrow id={id} d={`M${right(producer)} ${middle}H${exchange.x - 2}`} />
      <Box {...exchange} y={y} kind="broker" part={parts.exchange} />
      {lanes.map((lane, index) => <LaneOf id={id} lane={lane} y={top + index * laneHeight} middle={middle} />)}
    </svg>
  );
}
