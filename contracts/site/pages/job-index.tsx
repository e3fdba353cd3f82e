/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Table } from "../table.tsx";
import type { Model } from "../load/model.ts";
import type { Page } from "../page.ts";

export function jobIndexPage(model: Model): Page {
  return {
    path: "jobs/index.html",
    title: "All jobs",
    section: "Jobs",
    summary: `The ${model.jobs.length} jobs of the consumer, their queues and what they are bound to.`,
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
                <code class="whole">{job.queue}</code>
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
