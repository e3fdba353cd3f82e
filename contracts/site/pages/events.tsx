/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Code, inline } from "../code.tsx";
import { FieldsTable } from "../fields-table.tsx";
import { Table } from "../layout.tsx";
import type { EventPage, Model } from "../load/model.ts";
import type { Golden } from "../load/releases.ts";
import type { Snippets } from "../load/snippets.ts";
import type { Page } from "../page.ts";

export function eventIndexPage(model: Model): Page {
  return {
    path: "events/index.html",
    title: "All events",
    section: "Events",
    summary: "Every event that the producer publishes, with its routing key and who receives it.",
    body: (link) => (
      <>
        <h1>Events</h1>
        <p class="lead">
          Published to <code>{model.exchange.name}</code>, a durable {model.exchange.type}{" "}
          exchange; the routing key is the event's name.
        </p>
        <Table label="Events" head={["Event", "What happened", "Received by"]}>
          {model.events.map((event) => (
            <tr>
              <th scope="row">
                <a href={link(`events/${event.name}.html`)}>
                  <code>{event.name}</code>
                </a>
              </th>
              <td>{event.message.summary}</td>
              <td>
                {event.queues.map(({ name }) => <a class="reader" href={link(`jobs/${name}.html`)}>{name}</a>)}
              </td>
            </tr>
          ))}
        </Table>
        <p>
          The same in AsyncAPI's own notation: <a href={link("reference/producer.html")}>producer</a>,{" "}
          <a href={link("reference/consumer.html")}>consumer</a>.
        </p>
      </>
    ),
  };
}

interface EventContent {
  golden: Golden | undefined;
  snippets: Snippets;
  history: { version: string; text: string }[];
}

export function eventPage(
  event: EventPage,
  { golden, snippets, history }: EventContent,
): Page {
  const example = event.message.examples.at(-1);
  const json = (value: unknown) => JSON.stringify(value, null, 2);
  return {
    path: `events/${event.name}.html`,
    title: event.name,
    section: "Events",
    summary: event.message.summary,
    body: (link) => (
      <>
        <p class="kicker">
          Event, version {event.fields.find(({ path }) => path === "version")?.constraints[0]
            ?.replace("always ", "")}
        </p>
        <h1>
          <code>{event.name}</code>
        </h1>
        <p class="lead">{event.message.summary}</p>
        <dl class="facts">
          <dt>Exchange</dt>
          <dd>
            <code>{event.exchange.name}</code> ({event.exchange.type})
          </dd>
          <dt>Routing key</dt>
          <dd>
            <code>{event.name}</code>
          </dd>
          <dt>Queues</dt>
          <dd>
            {event.queues.map(({ name, queue }) => <a class="chip" href={link(`jobs/${name}.html#queue`)}>{queue}</a>)}
          </dd>
        </dl>

        <h2 id="body">Body</h2>
        <p>
          A filled name under “read by” is proven by that job's pact; an outlined one is declared in its operation.
        </p>
        <FieldsTable
          label={`Body of ${event.name}`}
          anchor="body"
          fields={event.fields}
          readers={event.readers}
          link={link}
        />

        <h2 id="properties">Properties and headers</h2>
        <p class="properties">{inline(event.message.description ?? "")}</p>
        <FieldsTable
          label={`Headers of ${event.name}`}
          anchor="header"
          fields={event.headers}
          link={link}
        />

        <h2 id="examples">Examples</h2>
        {example
          ? (
            <Code
              language="json"
              label={`From the contract: ${example.summary ?? example.name}`}
            >
              {json(example.payload)}
            </Code>
          )
          : null}
        {golden
          ? (
            <Code
              language="json"
              label={`Captured from the wire, release ${golden.release}`}
            >
              {json(golden.body)}
            </Code>
          )
          : <p>None has been captured from the wire in a release yet.</p>}

        <h2 id="subscribe">Subscribe</h2>
        <Code language="typescript" label="TypeScript, with amqplib">
          {snippets.typescript(event.name)}
        </Code>
        <Code language="python" label="Python, with pika">
          {snippets.python(event.name)}
        </Code>
        <Code language="bash" label="Command line, with amqp-tools">
          {snippets.shell(event.name)}
        </Code>

        <h2 id="history">History</h2>
        <ul>
          {history.map(({ version, text }) => (
            <li>
              <strong>{version}</strong> {text}
            </li>
          ))}
        </ul>
      </>
    ),
  };
}
