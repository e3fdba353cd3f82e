/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { duration } from "../../timeline/render-text.ts";
import type { EventTimeline, Step, Timeline } from "../../timeline/timeline.ts";
import { Layout, Live, type Viewer } from "./layout.tsx";
import { Moment } from "./moment.tsx";
import { receiptName, receiptPath } from "./receipt-routes.ts";
import { StateMark } from "./state-mark.tsx";

interface SearchProperties {
  viewer: Viewer;
  asked?: string;
  /** Where it was found at more than one. */
  found?: readonly string[];
  problem?: string | undefined;
}

function SearchForm({ viewer, asked = "" }: Pick<SearchProperties, "viewer" | "asked">) {
  const personal = viewer.caller.scopes.includes("ops:personal");
  return (
    <form method="post" action="/ops/timeline" class="search" role="search">
      <input type="hidden" name="csrf" value={viewer.csrf} />
      <label for="key">
        Appointment, doctor, event, request or reference{personal ? ", or a patient's e-mail address" : ""}
      </label>
      <div class="row">
        <input id="key" name="key" value={asked} required autocomplete="off" spellcheck={false} />
        <button type="submit">Find</button>
      </div>
    </form>
  );
}

export function SearchPage({ viewer, asked, found = [], problem }: SearchProperties) {
  return (
    <Layout title="Timeline" section="timeline" viewer={viewer}>
      <h1>Where is an appointment?</h1>
      <SearchForm viewer={viewer} {...(asked !== undefined && { asked })} />
      {problem && <p class="notice bad" role="alert">{problem}</p>}
      {found.length > 0 && (
        <section class="card">
          <h2>{`${found.length} found`}</h2>
          <ul class="plain">
            {found.map((id) => (
              <li>
                <a class="code" href={timelinePath(id)}>{id}</a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </Layout>
  );
}

export const timelinePath = (id: string) => `/ops/timeline/${encodeURIComponent(id)}`;

export function TimelinePage(
  { viewer, timeline, personal }: { viewer: Viewer; timeline: Timeline; personal: boolean },
) {
  const { id } = timeline;
  const path = timelinePath(id);
  const mayPersonal = viewer.caller.scopes.includes("ops:personal");
  return (
    <Layout title={`Timeline of ${id}`} section="timeline" viewer={viewer}>
      <SearchForm viewer={viewer} asked={id} />
      <h1 class="code">{id}</h1>
      <p class="actions">
        <a href={`${path}.json`}>As JSON</a>
        {mayPersonal && (
          <a href={personal ? path : `${path}?personal=yes`}>{personal ? "Hide" : "Show"} personal data</a>
        )}
        <a href={`/ops/incident/${encodeURIComponent(id)}`} download={`incident-${id}.json`}>Incident bundle</a>
      </p>
      <Live href={`${path}/live${personal ? "?personal=yes" : ""}`}>
        <TimelineView timeline={timeline} />
      </Live>
    </Layout>
  );
}

export function TimelineView({ timeline: { state, summary, producerReason, events, later } }: { timeline: Timeline }) {
  return (
    <>
      <p class={`verdict ${state}`} data-say>
        <StateMark state={state} /> {summary}
      </p>
      {producerReason !== null && <p class="notice">Producer unknown: {producerReason}</p>}
      {events.map((event) => <EventCard event={event} />)}
      {later.length > 0 && (
        <section class="card">
          <h2>Later</h2>
          <Steps steps={later} prefix="later" />
        </section>
      )}
    </>
  );
}

function EventCard({ event }: { event: EventTimeline }) {
  const { eventKey, eventName, version, correlationId, traceId, traceUrl, toldAt, steps } = event;
  return (
    <section class="card">
      <h2>
        {eventName ?? "An event that could not be read"} {version !== null && <small>{`version ${version}`}</small>}
      </h2>
      <dl class="facts">
        {toldAt && (
          <Fact name="told">
            <Moment at={toldAt} day /> UTC
          </Fact>
        )}
        <Fact name="event">
          <span class="code">{eventKey}</span>
        </Fact>
        {correlationId && (
          <Fact name="request">
            <span class="code">{correlationId}</span>
          </Fact>
        )}
        {traceId && (
          <Fact name="trace">
            {traceUrl ? <a class="code" href={traceUrl}>{traceId}</a> : <span class="code">{traceId}</span>}
          </Fact>
        )}
      </dl>
      <Steps steps={steps} prefix={eventKey} />
    </section>
  );
}

function Fact({ name, children }: { name: string; children?: unknown }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children as never}</dd>
    </div>
  );
}

function Steps({ steps, prefix }: { steps: readonly Step[]; prefix: string }) {
  return <ol class="steps">{steps.map((step, index) => <StepItem step={step} id={`${prefix}-${index}`} />)}</ol>;
}

function StepItem({ step, id }: { step: Step; id: string }) {
  const { part, what, state, at, lagMs, attempts, detail, waitsFor, since, proof, receipt, deadLetter } = step;
  const proofs = Object.entries(proof);
  return (
    <li class={`step ${state}`}>
      <div class="when">
        {at ? <Moment at={at} /> : <span class="note">open</span>}
        {lagMs !== null && <span class="lag">{`+${duration(lagMs)}`}</span>}
      </div>
      <div class="what">
        <p>
          <span class="part">{part}</span> <b>{what}</b> {state !== "done" && <StateMark state={state} />}
          {attempts !== null && attempts > 1 && <span class="note">{` ${attempts} attempts`}</span>}
        </p>
        {waitsFor && (
          <p class="waits">
            waits for {waitsFor}
            {since && (
              <>
                {" "}since <Moment at={since} day />
              </>
            )}
          </p>
        )}
        {detail && <p class="note">{detail}</p>}
        {deadLetter && (
          <p>
            <a href={`/ops/dead-letters/${deadLetter}`}>{`Dead letter ${deadLetter}`}</a>
          </p>
        )}
        {proofs.length > 0 && (
          <details id={`proof-${id}`}>
            <summary>Proof</summary>
            <dl class="proof">
              {proofs.map(([name, value]) => (
                <div>
                  <dt>{name}</dt>
                  <dd class="code">{value}</dd>
                </div>
              ))}
            </dl>
            {receipt && (
              <p>
                <a href={receiptPath(receipt)} download={receiptName(receipt)}>
                  {`Audit receipt of row ${receipt.position}`}
                </a>
              </p>
            )}
          </details>
        )}
      </div>
    </li>
  );
}
