/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Code } from "../code.tsx";
import { Table } from "../layout.tsx";
import { envelope, type JobPage, type Model } from "../load/model.ts";
import type { Verification } from "../../src/deploy/verifications.ts";
import type { Page } from "../page.ts";

export function jobIndexPage(model: Model): Page {
  return {
    path: "jobs/index.html",
    title: "All jobs",
    section: "Jobs",
    summary: "The five jobs of the consumer, their queues and what they are bound to.",
    body: (link) => (
      <>
        <h1>Jobs</h1>
        <p class="lead">
          Each job has a queue of its own, so that the trouble of one is not the trouble of the others.
        </p>
        <Table label="Jobs" head={["Job", "What it does", "Queue", "Bound to"]}>
          {model.jobs.map((job) => (
            <tr>
              <th scope="row">
                <a href={link(`jobs/${job.name}.html`)}>{job.name}</a>
              </th>
              <td>{job.summary}</td>
              <td>
                <code>{job.queue}</code>
              </td>
              <td>
                {job.settings.bindings.map(({ routingKey }) => <code class="chip">{routingKey}</code>)}
              </td>
            </tr>
          ))}
        </Table>
      </>
    ),
  };
}

export function jobPage(
  model: Model,
  job: JobPage,
  verification: Verification | undefined,
): Page {
  const { settings } = job;
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

        <h2 id="queue">Queue</h2>
        <p>
          <code>{job.queue}</code>, declared by the consumer. Changing an argument of an existing queue takes{" "}
          <a href={link("operate/full-queues.html")}>
            consumer queues recreate
          </a>.
        </p>
        <Table label={`Arguments of ${job.queue}`} head={["Argument", "Value"]}>
          {Object.entries(settings.arguments).map(([name, value]) => (
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
        <h3 id="bindings">Bindings</h3>
        <ul>
          {settings.bindings.map(({ exchange, routingKey }) => (
            <li>
              <code>{exchange}</code> with <code>{routingKey}</code>
            </li>
          ))}
        </ul>
        <h3 id="retries">Retries and dead letters</h3>
        <p>
          A failed message waits in the delay queues of this job, one after the other, and comes back through{" "}
          <code>{settings.retry.exchange}</code> to this queue only:
        </p>
        <ol>
          {settings.retry.delays.map((delay) => (
            <li>
              <code>{`apt.${settings.stem}.retry.${delay}`}</code>
            </li>
          ))}
        </ol>
        <p>
          At last, or at once where no retry would help, it goes through <code>{settings.deadLetter.exchange}</code> to
          {" "}
          <code>{settings.deadLetter.queue}</code>: <a href={link("operate/dead-letters.html")}>what to do then</a>.
        </p>

        <h2 id="reads">What it reads</h2>
        <p>
          The envelope's {envelope.map((name) => <code class="chip">{name}</code>)} of every event, and:
        </p>
        <Table
          label={`Fields that ${job.name} reads`}
          head={["Event", "Fields"]}
        >
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
                <td>
                  {fields.map((field) => <code class="chip">{field}</code>)}
                </td>
              </tr>
            );
          })}
        </Table>

        <h2 id="pact">Pact</h2>
        {job.pact
          ? (
            <>
              <p>
                {job.pact.interactions.length} interactions in{" "}
                <code>contracts/pacts/{job.pact.file}</code>, written by tests that call the job itself.
              </p>
              <ul>
                {job.pact.interactions.map(({ description }) => <li>{description}</li>)}
              </ul>
              <Code language="json" label="One of them">
                {JSON.stringify(
                  job.pact.interactions[0]?.contents.content,
                  null,
                  2,
                )}
              </Code>
            </>
          )
          : <p>No pact has been recorded.</p>}

        <h2 id="verification">Verification</h2>
        {verification
          ? (
            <p>
              Last passed against what the producer really published: producer{" "}
              <code>{verification.producer}</code>, consumer <code>{verification.consumer}</code>. All pairs:{" "}
              <a href={link("contracts/compatibility.html")}>compatibility</a>.
            </p>
          )
          : <p>No verification has been recorded for this revision.</p>}
      </>
    ),
  };
}
