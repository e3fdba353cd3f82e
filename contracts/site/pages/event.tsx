/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Code } from "../code.tsx";
import { FieldsTable } from "../fields-table.tsx";
import { schemaFile } from "../load/downloads.ts";
import type { EventPage, Model } from "../load/model.ts";
import { listProperties } from "../load/properties.ts";
import type { Golden } from "../load/releases.ts";
import type { Snippets } from "../load/snippets.ts";
import type { Page } from "../page.ts";
import { PropertiesTable } from "../properties-table.tsx";

type Link = (to: string) => string;

interface EventContent {
  golden: Golden | undefined;
  snippets: Snippets;
  history: { version: string; text: string }[];
}

const json = (value: unknown) => JSON.stringify(value, null, 2);

function Facts({ event, link }: { event: EventPage; link: Link }) {
  return (
    <dl class="facts">
      <dt>Exchange</dt>
      <dd>
        <code>{event.exchange.name}</code>, {event.exchange.durable ? "durable " : ""}
        {event.exchange.type}
      </dd>
      <dt>Routing key</dt>
      <dd>
        <code>{event.name}</code>
      </dd>
      <dt>Queues</dt>
      <dd>
        {event.queues.map(({ name, queue }) => <a class="chip" href={link(`jobs/${name}.html#queue`)}>{queue}</a>)}
      </dd>
      <dt>When no queue takes it</dt>
      <dd>{event.operation.mandatory ? "it is returned, and stays in the outbox" : "it is gone"}</dd>
    </dl>
  );
}

function Examples({ event, golden }: { event: EventPage; golden: Golden | undefined }) {
  const example = event.message.examples.at(-1);
  return (
    <>
      {example
        ? (
          <Code language="json" label={`From the contract: ${example.summary ?? example.name}`}>
            {json(example.payload)}
          </Code>
        )
        : null}
      {golden
        ? (
          <Code language="json" label={`Captured from the wire, release ${golden.release}`}>
            {json(golden.shown.body)}
          </Code>
        )
        : <p class="empty">None has been captured from the wire in a release yet.</p>}
    </>
  );
}

function History({ history }: Pick<EventContent, "history">) {
  return (
    <ol class="history">
      {history.map(({ version, text }) => (
        <li>
          <strong>{version}</strong> {text}
        </li>
      ))}
    </ol>
  );
}

export function eventPage(model: Model, event: EventPage, { golden, snippets, history }: EventContent): Page {
  const properties = listProperties(model.producer, event.message, event.operation, golden);
  const version = event.fields.find(({ path }) => path === "version")?.constraints[0]?.replace("always ", "");
  return {
    path: `events/${event.name}.html`,
    title: event.name,
    section: "Events",
    summary: event.message.summary,
    body: (link) => (
      <>
        <p class="kicker">Event, version {version}</p>
        <h1>
          <code>{event.name}</code>
        </h1>
        <p class="lead">{event.message.summary}</p>
        <Facts event={event} link={link} />

        <h2 id="body">Body</h2>
        <p>
          A filled name under “read by” is proven by that job's pact; an outlined one is declared in its operation. To
          download: the body's <a href={link(schemaFile(event.name))} download>JSON Schema</a>.
        </p>
        <FieldsTable
          label={`Body of ${event.name}`}
          anchor="body"
          fields={event.fields}
          reading={{ readers: event.readers, receivers: event.queues.length }}
          link={link}
        />

        <h2 id="properties">Properties</h2>
        <PropertiesTable properties={properties} release={golden?.release} />
        <h2 id="headers">Headers</h2>
        <FieldsTable label={`Headers of ${event.name}`} anchor="header" fields={event.headers} link={link} />

        <h2 id="examples">Examples</h2>
        <Examples event={event} golden={golden} />

        <h2 id="subscribe">Subscribe</h2>
        <p>Each of these programs declares a queue of its own, and is run by a test.</p>
        <Code language="typescript" label="TypeScript, with amqplib">{snippets.typescript(event.name)}</Code>
        <Code language="python" label="Python, with pika">{snippets.python(event.name)}</Code>
        <Code language="bash" label="Command line, with amqp-tools">{snippets.shell(event.name)}</Code>

        <h2 id="history">History</h2>
        <History history={history} />
      </>
    ),
  };
}
