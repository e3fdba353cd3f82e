/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { DeadLetter } from "../../delivery/dead-letters/dead-letter-store.ts";
import type { DiffLine } from "../../failures/line-diff.ts";
import { Layout, type Viewer } from "./layout.tsx";
import { Moment } from "./moment.tsx";
import { timelinePath } from "./timeline-page.tsx";

export interface LetterProperties {
  viewer: Viewer;
  letter: DeadLetter;
  /** Absent where the viewer may not see it. */
  body?: string | undefined;
  problems?: readonly string[];
}

function Facts({ letter }: Pick<LetterProperties, "letter">) {
  const {
    job,
    reason,
    eventName,
    eventKey,
    aggregateId,
    correlationId,
    storedAt,
    headers,
    state,
    settledAt,
    settledWhy,
  } = letter;
  const error = (headers as Record<string, unknown>)["x-error-message"];
  const attempts = (headers as Record<string, unknown>)["x-attempts"];
  return (
    <section class="card">
      <h2>{job}: {reason}</h2>
      {typeof error === "string" && <p>{error}</p>}
      <dl class="proof">
        <div>
          <dt>stored</dt>
          <dd>
            <Moment at={storedAt.toISOString()} day /> UTC
          </dd>
        </div>
        <div>
          <dt>event</dt>
          <dd>
            {eventName ?? "unknown"} <span class="code">{eventKey}</span>
          </dd>
        </div>
        {aggregateId && (
          <div>
            <dt>about</dt>
            <dd>
              <a class="code" href={timelinePath(aggregateId)}>{aggregateId}</a>
            </dd>
          </div>
        )}
        {correlationId && (
          <div>
            <dt>request</dt>
            <dd class="code">{correlationId}</dd>
          </div>
        )}
        {attempts !== undefined && (
          <div>
            <dt>attempts</dt>
            <dd>{String(attempts)}</dd>
          </div>
        )}
        <div>
          <dt>state</dt>
          <dd>
            {state}
            {settledAt && (
              <>
                {" "}at <Moment at={settledAt.toISOString()} day />
              </>
            )}
            {settledWhy && `: ${settledWhy}`}
          </dd>
        </div>
      </dl>
    </section>
  );
}

function Why({ viewer }: { viewer: Viewer }) {
  return (
    <>
      <input type="hidden" name="csrf" value={viewer.csrf} />
      <label for="why">Why</label>
      <input id="why" name="why" required maxlength={500} autocomplete="off" />
    </>
  );
}

export function LetterPage({ viewer, letter, body, problems = [] }: LetterProperties) {
  const path = `/ops/dead-letters/${letter.id}`;
  const mayAct = viewer.caller.scopes.includes("ops:act") && letter.state === "stored";
  return (
    <Layout title={`Dead letter ${letter.id}`} section="failures" viewer={viewer}>
      <p class="actions">
        <a href="/ops/failures">All failures</a>
      </p>
      <h1>{`Dead letter ${letter.id}`}</h1>
      <Facts letter={letter} />
      {problems.length > 0 && (
        <div class="notice bad" role="alert">
          <p>
            <b>This edit is refused.</b>
          </p>
          <ul>{problems.map((problem) => <li>{problem}</li>)}</ul>
        </div>
      )}
      {mayAct && (
        <form method="post" action={path} class="card stack">
          <h2>As it is</h2>
          <Why viewer={viewer} />
          <p class="actions">
            <button type="submit" name="action" value="replay">Replay it</button>
            <button type="submit" name="action" value="discard" class="danger">Discard it</button>
          </p>
        </form>
      )}
      {body === undefined
        ? <p class="notice">Its body may tell of a patient: to see or edit it, a key needs the scope ops:personal.</p>
        : (
          <form method="post" action={`${path}/edit`} class="card stack">
            <h2>{mayAct ? "Edited" : "Its body"}</h2>
            <input type="hidden" name="csrf" value={viewer.csrf} />
            <label for="body">Body</label>
            <textarea id="body" name="body" spellcheck={false} readonly={!mayAct}>{body}</textarea>
            {mayAct && (
              <p>
                <button type="submit">Check the edit</button>
              </p>
            )}
          </form>
        )}
    </Layout>
  );
}

const signs: Record<DiffLine["kind"], string> = { same: " ", removed: "−", added: "+" };
const words: Record<DiffLine["kind"], string> = { same: "", removed: "removed: ", added: "added: " };

export function EditPage(
  { viewer, letter, body, diff }: { viewer: Viewer; letter: DeadLetter; body: string; diff: readonly DiffLine[] },
) {
  const path = `/ops/dead-letters/${letter.id}`;
  return (
    <Layout title={`Edit of dead letter ${letter.id}`} section="failures" viewer={viewer}>
      <p class="actions">
        <a href={path}>{`Back to dead letter ${letter.id}`}</a>
      </p>
      <h1>{`Replay dead letter ${letter.id} with this edit?`}</h1>
      <p class="notice good">The contract and the job {letter.job} take it.</p>
      <section class="card">
        <h2>What changes</h2>
        <div class="scroll" tabindex={0} role="region" aria-label="What changes">
          <pre class="diff">
            {diff.map(({ kind, text }) => (
              <span class={`diff-${kind}`}><span aria-hidden="true">{signs[kind]} </span><span class="unseen">{words[kind]}</span>{`${text}\n`}</span>
            ))}
          </pre>
        </div>
      </section>
      <form method="post" action={path} class="card stack">
        <input type="hidden" name="body" value={body} />
        <Why viewer={viewer} />
        <p>
          <button type="submit" name="action" value="replay">Replay it edited</button>
        </p>
      </form>
    </Layout>
  );
}
