/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { Colour, QueueStatus, Status } from "../../status/status.ts";
import type { Sample } from "../../status/status-store.ts";
import { duration } from "../../timeline/render-text.ts";
import { Chart } from "./chart.tsx";
import { Layout, Live, type Viewer } from "./layout.tsx";
import { Moment } from "./moment.tsx";

export interface NowProperties {
  status: Status;
  samples: readonly (Sample & { at: string })[];
}

export function NowPage({ viewer, ...rest }: NowProperties & { viewer: Viewer }) {
  return (
    <Layout title="Now" section="now" viewer={viewer}>
      <h1>Is anything wrong?</h1>
      <Live href="/ops/live">
        <NowView {...rest} />
      </Live>
      <p class="actions">
        <a href="/ops/status.json">As JSON</a>
      </p>
    </Layout>
  );
}

const tones: Record<Colour, string> = { green: "done", amber: "stuck", red: "failed" };
const signs: Record<Colour, string> = { green: "✓ all well", amber: "! mends itself", red: "✕ needs a person" };
const age = (seconds: number | null) => seconds === null ? "–" : duration(seconds * 1_000);

export function NowView({ status, samples }: NowProperties) {
  const { colour, sentence, problems, queues } = status;
  return (
    <>
      <p class={`verdict big ${tones[colour]}`} data-say>
        <span class="mark">{signs[colour]}</span> {sentence}
      </p>
      {problems.length > 0 && (
        <ul class="problems">
          {problems.map(({ colour, what, todo, link }) => (
            <li class={tones[colour]}>
              <b>{what}</b> {link && <a href={link}>Look at them</a>}
              {todo && <span class="note code">{todo}</span>}
            </li>
          ))}
        </ul>
      )}
      <section class="card">
        <h2>Queues</h2>
        <div class="scroll" tabindex={0} role="region" aria-label="Queues">
          <table>
            <thead>
              <tr>
                <th scope="col">Job</th>
                <th scope="col" class="number">Waiting</th>
                <th scope="col" class="wide">Of its limit</th>
                <th scope="col" class="number">Delayed</th>
                <th scope="col" class="number">Oldest</th>
                <th scope="col" class="number">Done a minute</th>
              </tr>
            </thead>
            <tbody>{queues.map((queue) => <QueueRow queue={queue} />)}</tbody>
          </table>
        </div>
      </section>
      <Charts samples={samples} />
      <Rest status={status} />
    </>
  );
}

function QueueRow({ queue: { job, ready, limit, delayed, oldestAgeSeconds, perMinute } }: { queue: QueueStatus }) {
  return (
    <tr>
      <th scope="row">{job}</th>
      <td class="number">{ready}</td>
      <td class="wide">
        <meter
          min={0}
          max={limit}
          high={limit * 0.8}
          optimum={0}
          value={Math.min(ready, limit)}
          aria-label={`${ready} of ${limit}`}
        >
        </meter>{" "}
        <span class="note">{limit}</span>
      </td>
      <td class="number">{delayed}</td>
      <td class="number">{age(oldestAgeSeconds)}</td>
      <td class="number">{perMinute}</td>
    </tr>
  );
}

function Charts({ samples }: Pick<NowProperties, "samples">) {
  const from = samples[0]?.at.slice(11, 16) ?? "";
  const to = samples.at(-1)?.at.slice(11, 16) ?? "";
  const total = (pick: (sample: Sample) => Record<string, number>) =>
    samples.map((sample) => Object.values(pick(sample)).reduce((sum, value) => sum + value, 0));
  return (
    <section class="card">
      <h2>The last hour</h2>
      <div class="charts">
        <Chart
          title="Waiting"
          unit="messages"
          from={from}
          to={to}
          series={[
            { name: "in queues", values: total(({ ready }) => ready) },
            { name: "delayed", values: total(({ delayed }) => delayed) },
          ]}
        />
        <Chart
          title="Done"
          unit="events a minute"
          from={from}
          to={to}
          series={[{ name: "done", values: total(({ perMinute }) => perMinute) }]}
        />
        <Chart
          title="To be sent or written"
          unit="mails, texts, entries"
          from={from}
          to={to}
          series={[{ name: "pending", values: samples.map(({ pending }) => pending) }]}
        />
        <Chart
          title="Dead letters"
          unit="unsettled"
          from={from}
          to={to}
          series={[{ name: "dead letters", values: samples.map(({ deadLetters }) => deadLetters) }]}
        />
        <Chart
          title="Outbox"
          unit="not published"
          from={from}
          to={to}
          series={[{ name: "outbox", values: samples.map(({ outbox }) => outbox) }]}
        />
      </div>
    </section>
  );
}

function Rest({ status: { outbox, intents, deadLetters, reminders, seals, processes } }: { status: Status }) {
  const dead = deadLetters.reduce((sum, { count }) => sum + count, 0);
  return (
    <div class="tiles">
      <section class="card">
        <h2>Outbox of the producer</h2>
        {outbox.kind === "unknown" ? <p>Producer unknown: {outbox.reason}</p> : (
          <p>
            <b class="figure">{`${outbox.pending}${outbox.isMore ? "+" : ""}`}</b>{" "}
            not published{outbox.pending > 0 && `, oldest ${age(outbox.oldestAgeSeconds)}`}
          </p>
        )}
      </section>
      <section class="card">
        <h2>Senders</h2>
        {intents.length === 0 ? <p>Nothing waits to be sent or written.</p> : (
          <ul class="plain">
            {intents.map(({ sender, state, count, ageSeconds }) => (
              <li>
                {sender}: <b>{count}</b> {state}, oldest {age(ageSeconds)}
              </li>
            ))}
          </ul>
        )}
      </section>
      <section class="card">
        <h2>Failures</h2>
        <p>
          <b class="figure">{dead}</b> <a href="/ops/failures">dead {dead === 1 ? "letter" : "letters"}</a>
        </p>
      </section>
      <section class="card">
        <h2>Reminders</h2>
        <p>
          <b class="figure">{reminders.waiting}</b> set{reminders.nextAt && (
            <>
              , next <Moment at={reminders.nextAt} day />
            </>
          )}
          {reminders.overdue > 0 && `, ${reminders.overdue} overdue`}
        </p>
      </section>
      <section class="card">
        <h2>Audit trail</h2>
        <p>
          <b class="figure">{seals.position}</b> rows sealed, {seals.waiting} waiting
        </p>
      </section>
      <section class="card">
        <h2>Processes</h2>
        <ul class="plain">
          {processes.map(({ id, startedAt, seenSecondsAgo, jobs, state }) => (
            <li>
              <span class="code">{id.slice(0, 8)}</span> since <Moment at={startedAt} day />
              {seenSecondsAgo > 60 && <b>silent</b>}
              <br />
              <span class="note">{jobs.join(", ")}</span>
              {Object.entries(state.breakers).map(([sender, open]) => (
                <>
                  <br />
                  <span class="note">{`breaker of ${sender}: ${open ? "open" : "closed"}`}</span>
                </>
              ))}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
