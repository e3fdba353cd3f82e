/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { ApiCall } from "../load/curl.ts";
import type { Model } from "../load/model.ts";
import { operationPath } from "../pages/api/overview.tsx";
import { NarrowFlow } from "./narrow.tsx";
import { partsOf } from "./parts.ts";
import { WideFlow } from "./wide.tsx";

/** The way of a booking through the system, for wide and for narrow screens; every part leads to its page. */
export function Flow({ model, booking, link }: { model: Model; booking: ApiCall; link: (to: string) => string }) {
  const outbox = link("decisions/0002-transactional-outbox.html");
  const parts = partsOf(model, booking, {
    request: link(operationPath(booking)),
    transaction: outbox,
    relay: outbox,
    archive: link("operate/broker-loss.html"),
    exchange: link("events/index.html"),
    queue: ({ name }) => link(`jobs/${name}.html#queue`),
    job: ({ name }) => link(`jobs/${name}.html`),
    retries: ({ name }) => link(`jobs/${name}.html#retries`),
    deadLetters: ({ name }) => link(`jobs/${name}.html#dead-letters`),
  });
  return (
    <div class="flow" role="region" aria-label="Flow of the events" tabindex={0}>
      <WideFlow id="wide" parts={parts} />
      <NarrowFlow id="narrow" parts={parts} />
    </div>
  );
}
