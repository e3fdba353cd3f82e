/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Code } from "../code.tsx";
import { Flow } from "../flow.tsx";
import type { Model } from "../load/model.ts";
import type { Page } from "../page.ts";

const book = `curl -X POST "$API/v1/appointments" \\
  -H "X-API-Key: $API_KEY" -H "Content-Type: application/json" \\
  -d '{"patientEmail":"ada@example.org","doctorId":"'"$DOCTOR"'","appointmentDate":"'"$DATE"'"}'`;

export function startPage(model: Model): Page {
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
        <Flow model={model} link={link} />
        <p class="caption">
          Drawn from the two AsyncAPI documents. What fails goes through the delay queues back to its one queue, and at
          last to the dead letters. Every part is a link.
        </p>

        <h2 id="run">Run it</h2>
        <p>In a fresh clone, with nothing but Node 20.19 or newer and npm:</p>
        <Code language="bash" label="Run the whole system">npm start</Code>
        <p>
          It starts private servers and both services, creates a doctor, and prints the addresses, an API key and a
          request to copy.
        </p>

        <h2 id="call">Call it</h2>
        <Code language="bash" label="Book an appointment">{book}</Code>
        <p>
          The answer is 201 with the appointment; it is committed together with its event. All operations:{" "}
          <a href={link("api/index.html")}>REST reference</a>.
        </p>

        <h2 id="subscribe">Subscribe</h2>
        <p>
          Declare a queue of your own and bind it to{" "}
          <code>{model.exchange.name}</code>. Nothing changes in the producer, and nobody has to be asked. Every{" "}
          <a href={link("events/index.html")}>event's page</a> has a program to copy. Three rules:
        </p>
        <ul>
          <li>
            Delivery is at least once: deduplicate by <code>eventId</code>.
          </li>
          <li>
            Ignore fields that you do not know; optional ones may be added in any release.
          </li>
          <li>
            Do not give the queue{" "}
            <code>x-overflow: reject-publish</code>: when it is full, it would hold up the confirmations for everybody
            else.
          </li>
        </ul>
      </>
    ),
  };
}
