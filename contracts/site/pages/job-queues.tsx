/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { JobPage } from "../load/model.ts";
import { type DeclaredQueue, retryQueues } from "../load/queues.ts";
import { Table } from "../table.tsx";

function Arguments({ label, values }: { label: string; values: DeclaredQueue["arguments"] }) {
  return (
    <Table label={label} head={["Argument", "Value"]}>
      {Object.entries(values).map(([name, value]) => (
        <tr>
          <th scope="row">
            <code>{name}</code>
          </th>
          <td>
            <code>{String(value)}</code>
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** Queues of one kind: what differs beside each, then what all of them are declared with. */
function DelayQueues({ label, queues }: { label: string; queues: DeclaredQueue[] }) {
  const names = [...new Set(queues.flatMap((queue) => Object.keys(queue.arguments)))];
  const isCommon = (name: string) => new Set(queues.map((queue) => queue.arguments[name])).size === 1;
  const own = names.filter((name) => !isCommon(name));
  const common = names.filter(isCommon).map((name) => [name, queues[0]?.arguments[name] ?? ""]);
  return (
    <>
      <Table label={label} head={["Queue", ...own]}>
        {queues.map((queue) => (
          <tr>
            <th scope="row">
              <code>{queue.name}</code>
            </th>
            {own.map((name) => (
              <td>
                <code>{String(queue.arguments[name])}</code>
              </td>
            ))}
          </tr>
        ))}
      </Table>
      <p>Each of them is declared with:</p>
      <Arguments label={`Arguments of each: ${label}`} values={Object.fromEntries(common)} />
    </>
  );
}

/** The queues of a job with all that they are declared with: its own, those of its retries, that of its dead letters. */
export function JobQueues({ job, link }: { job: JobPage; link: (to: string) => string }) {
  const { queue, settings } = job;
  const { bindings, retry, deadLetter } = settings;
  return (
    <>
      <h2 id="queue">Queue</h2>
      <dl class="facts">
        <dt>Name</dt>
        <dd>
          <code>{queue}</code>, durable, declared by the consumer
        </dd>
        <dt>Bound to</dt>
        <dd>
          {bindings.map(({ exchange, routingKey }) => (
            <div>
              <code>{exchange}</code> with <code class="chip">{routingKey}</code>
            </div>
          ))}
        </dd>
      </dl>
      <Arguments label={`Arguments of ${queue}`} values={settings.arguments} />
      <p>
        To change an argument of a queue that exists:{" "}
        <a href={link("operate/full-queues.html#another-limit")}>
          consumer queues recreate
        </a>.
      </p>

      <h2 id="retries">Retries</h2>
      <p>
        A failed message waits in the delay queues of this job, one after the other, and comes back through{" "}
        <code>{retry.exchange}</code> to this queue only.
      </p>
      <DelayQueues label={`Delay queues of ${job.name}`} queues={retryQueues(job)} />

      <h2 id="dead-letters">Dead letters</h2>
      <p>
        At last, or at once where no retry would help, a message goes through <code>{deadLetter.exchange}</code> to{" "}
        <code>{deadLetter.queue}</code>, which has no length limit:{" "}
        <a href={link("operate/dead-letters.html")}>what to do then</a>.
      </p>
      <Arguments label={`Arguments of ${deadLetter.queue}`} values={deadLetter.arguments} />
    </>
  );
}
