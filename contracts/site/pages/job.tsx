/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Verification } from "../../src/deploy/verifications.ts";
import { Code } from "../code.tsx";
import type { Deployability } from "../load/deployments.ts";
import { verificationOf } from "../load/deployments.ts";
import { envelope, type JobPage, type Model } from "../load/model.ts";
import type { Page } from "../page.ts";
import { Table } from "../table.tsx";
import { Version } from "../version.tsx";
import { JobQueues } from "./job-queues.tsx";

function Reads({ model, job, link }: { model: Model; job: JobPage; link: (to: string) => string }) {
  return (
    <>
      <p>
        The envelope's {envelope.map((name) => <code class="chip">{name}</code>)} of every event, and:
      </p>
      <Table label={`Fields that ${job.name} reads`} head={["Event", "Fields"]}>
        {Object.entries(job.reads).map(([key, fields]) => {
          const event = model.events.find((other) => other.key === key);
          return (
            <tr>
              <th scope="row">
                {event
                  ? (
                    <a href={link(`events/${event.name}.html`)}>
                      <code>{event.name}</code>
                    </a>
                  )
                  : key}
              </th>
              <td>{fields.map((field) => <code class="chip">{field}</code>)}</td>
            </tr>
          );
        })}
      </Table>
    </>
  );
}

function Pact({ pact }: Pick<JobPage, "pact">) {
  if (!pact) return <p class="empty">No pact has been recorded.</p>;
  const [longest] = pact.interactions.toSorted((a, b) =>
    JSON.stringify(b.contents.content).length - JSON.stringify(a.contents.content).length
  );
  return (
    <>
      <p>
        {pact.interactions.length} interactions in{" "}
        <code>contracts/pacts/{pact.file}</code>, written by tests that call the job itself:
      </p>
      <ul class="columns">{pact.interactions.map(({ description }) => <li>{description}</li>)}</ul>
      {longest
        ? (
          <Code language="json" label={`Expected: ${longest.description}`}>
            {JSON.stringify(longest.contents.content, null, 2)}
          </Code>
        )
        : null}
    </>
  );
}

function LastPassed(
  props: { job: JobPage; verification: Verification | undefined; gate: Deployability; link: (to: string) => string },
) {
  const { job, verification, gate: { head, revisions }, link } = props;
  if (!verification) {
    return (
      <p class="empty">
        None has been recorded. <code>npm run contracts -- prove</code>{" "}
        holds the pact against what the producer really publishes, and records the result.
      </p>
    );
  }
  const current = verification.producer === head.producer && verification.consumer === head.consumer;
  return (
    <>
      <p>
        The pact last passed against what the producer really published, taken from RabbitMQ.{" "}
        {current ? "That is this revision." : "Later changes have not been verified yet."}
      </p>
      <dl class="facts">
        <dt>Result</dt>
        <dd>
          <span class="badge good">passed</span> {verification.results[`appointment-${job.name}`]?.interactions}{" "}
          interactions
        </dd>
        <dt>Producer</dt>
        <dd>
          <Version service="producer" tree={verification.producer} revisions={revisions} />
        </dd>
        <dt>Consumer</dt>
        <dd>
          <Version service="consumer" tree={verification.consumer} revisions={revisions} />
        </dd>
      </dl>
      <p>
        All pairs of versions: <a href={link("contracts/compatibility.html")}>compatibility</a>.
      </p>
    </>
  );
}

export function jobPage(model: Model, job: JobPage, gate: Deployability): Page {
  return {
    path: `jobs/${job.name}.html`,
    title: job.name,
    section: "Jobs",
    summary: job.summary,
    body: (link) => (
      <>
        <p class="kicker">Job</p>
        <h1>{job.name}</h1>
        <p class="lead">{job.summary}</p>
        <JobQueues job={job} link={link} />
        <h2 id="reads">What it reads</h2>
        <Reads model={model} job={job} link={link} />
        <h2 id="pact">Pact</h2>
        <Pact pact={job.pact} />
        <h2 id="verification">Verification</h2>
        <LastPassed job={job} verification={verificationOf(gate, job.name)} gate={gate} link={link} />
      </>
    ),
  };
}
