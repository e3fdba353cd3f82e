/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Code } from "../code.tsx";
import { Flow } from "../flow/flow.tsx";
import { bookingCall, listCalls } from "../load/curl.ts";
import type { Model } from "../load/model.ts";
import type { OpenApi } from "../load/openapi.ts";
import type { Page } from "../page.ts";
import { operationPath } from "./api/overview.tsx";

type Link = (to: string) => string;

function Doors({ model, operations, link }: { model: Model; operations: number; link: Link }) {
  const doors = [
    ["events/index.html", `${model.events.length} events`, "What is in them, and who reads which field"],
    ["jobs/index.html", `${model.jobs.length} jobs`, "Their queues, their pacts, what was verified"],
    ["api/index.html", `${operations} operations`, "The REST API, each with a line to call it"],
    ["contracts/compatibility.html", "Compatibility", "Which versions go together, and what changed"],
  ] as const;
  return (
    <ul class="doors">
      {doors.map(([path, title, text]) => (
        <li>
          <a href={link(path)}>
            <strong>{title}</strong>
            <span>{text}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Subscribe({ model, link }: { model: Model; link: Link }) {
  return (
    <>
      <p>
        Declare a queue of your own and bind it to{" "}
        <code>{model.exchange.name}</code>. Nothing changes in the producer, and nobody has to be asked. Every{" "}
        <a href={link("events/index.html")}>event's page</a> has a program to copy. Three rules:
      </p>
      <ul>
        <li>
          Delivery is at least once: deduplicate by <code>eventId</code>.
        </li>
        <li>Ignore fields that you do not know; optional ones may be added in any release.</li>
        <li>
          Do not give the queue{" "}
          <code>x-overflow: reject-publish</code>: when it is full, it would hold up the confirmations for everybody
          else.
        </li>
      </ul>
    </>
  );
}

export function startPage(model: Model, api: OpenApi): Page {
  const calls = listCalls(api);
  const booking = bookingCall(calls);
  return {
    path: "index.html",
    title: "Overview",
    section: "Start",
    summary: "What the appointment system is, how to run it, how to call it and how to subscribe to its events.",
    body: (link) => (
      <>
        <h1>Appointments</h1>
        <p class="lead">
          A REST API books, moves and cancels a clinic's appointments. Each change becomes an event on RabbitMQ, and
          each event becomes effects: mail and text messages, free slots, an audit trail, calendar entries, statistics.
          The caller never waits for any of them, and none of them is lost.
        </p>
        <Doors model={model} operations={calls.length} link={link} />

        <h2 id="flow">From a request to its effects</h2>
        <Flow model={model} booking={booking} link={link} />
        <p class="caption">
          Drawn from the OpenAPI document and the two AsyncAPI documents. What fails goes through the delay queues back
          to its one queue, and at last to the dead letters. Every part is a link.
        </p>

        <h2 id="run">Run it</h2>
        <p>In a fresh clone, with nothing but Node 20.19 or newer and npm:</p>
        <Code language="bash" label="Run the whole system">npm start</Code>
        <p>
          It starts private servers and both services, creates a doctor, and prints the addresses, an API key and a
          request to copy.
        </p>

        <h2 id="call">Call it</h2>
        <Code language="bash" label={booking.operation.summary}>{booking.curl}</Code>
        <p>
          The answer is 201 with the appointment; it is committed together with its event.{" "}
          <a href={link(operationPath(booking))}>All that it takes and answers</a>, and{" "}
          <a href={link("api/index.html")}>all operations</a>.
        </p>

        <h2 id="subscribe">Subscribe</h2>
        <Subscribe model={model} link={link} />
      </>
    ),
  };
}
