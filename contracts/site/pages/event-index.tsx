/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { asyncApiFile } from "../load/downloads.ts";
import type { Model } from "../load/model.ts";
import type { Page } from "../page.ts";
import { Table } from "../table.tsx";

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
                {event.queues.map(({ name }) => <a class="chip" href={link(`jobs/${name}.html`)}>{name}</a>)}
              </td>
            </tr>
          ))}
        </Table>
        <p>
          The same in AsyncAPI's own notation: <a href={link("reference/producer.html")}>producer</a>,{" "}
          <a href={link("reference/consumer.html")}>consumer</a>. To download, for programs: the AsyncAPI documents of
          {" "}
          <a href={link(asyncApiFile("producer"))} download>the producer</a> and{" "}
          <a href={link(asyncApiFile("consumer"))} download>the consumer</a>, and on each event's page a JSON Schema.
        </p>
      </>
    ),
  };
}
