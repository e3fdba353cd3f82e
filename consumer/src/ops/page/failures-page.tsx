/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { FailureCause, FailureGroup } from "../../failures/failure-groups.ts";
import type { Task } from "../../failures/task-store.ts";
import { Layout, Live, type Viewer } from "./layout.tsx";
import { Moment } from "./moment.tsx";

export interface FailuresProperties {
  groups: readonly FailureGroup[];
  tasks: readonly Task[];
}

export function FailuresPage({ viewer, groups, tasks }: FailuresProperties & { viewer: Viewer }) {
  return (
    <Layout title="Failures" section="failures" viewer={viewer}>
      <h1>What needs a decision</h1>
      <Live href="/ops/failures/live">
        <FailuresView groups={groups} tasks={tasks} />
      </Live>
      <p class="actions">
        <a href="/ops/failures.json">As JSON</a>
      </p>
    </Layout>
  );
}

const titles = { "dead-letters": "Dead letters", sends: "Sends" } as const;

export function FailuresView({ groups, tasks }: FailuresProperties) {
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  return (
    <>
      <p class={`verdict ${count === 0 ? "done" : "failed"}`} data-say>
        {count === 0
          ? "Nothing has failed that nobody has settled."
          : `${count} in ${groups.length} ${groups.length === 1 ? "group" : "groups"}`}
      </p>
      <Tasks tasks={tasks} />
      {groups.map((group) => <GroupCard group={group} />)}
    </>
  );
}

export function groupPath(
  { kind, job, reason }: Pick<FailureGroup, "kind" | "job" | "reason">,
  cause?: string,
): string {
  const query = new URLSearchParams({ kind, job, reason, ...(cause !== undefined && { cause }) });
  return `/ops/failures/group?${query}`;
}

function GroupCard({ group }: { group: FailureGroup }) {
  const { kind, job, reason, count, oldestAt, newestAt, causes } = group;
  const shown = causes.reduce((sum, cause) => sum + cause.count, 0);
  return (
    <section class="card">
      <h2>
        {titles[kind]} of {job}: {reason} <small>{count}</small>
      </h2>
      <p class="note">
        From <Moment at={oldestAt} day /> to <Moment at={newestAt} day /> UTC
      </p>
      <p>
        <a class="button" href={groupPath(group)}>{`Decide about all ${count}`}</a>
      </p>
      <details id={`causes-${kind}-${job}-${reason}`} open={causes.length <= 3}>
        <summary>{causes.length === 1 ? "Its cause" : `${causes.length} causes`}</summary>
        <ul class="plain causes">{causes.map((cause) => <CauseRow group={group} cause={cause} />)}</ul>
        {shown < count && <p class="note">{`${count - shown} more have other causes.`}</p>}
      </details>
    </section>
  );
}

function CauseRow({ group, cause: { cause, count } }: { group: FailureGroup; cause: FailureCause }) {
  return (
    <li>
      <b>{count}</b> <a href={groupPath(group, cause)}>{cause === "" ? "without an error" : cause}</a>
    </li>
  );
}

const doings: Record<Task["action"], string> = {
  replay: "Replaying",
  discard: "Discarding",
  resend: "Sending again",
  "settle-sent": "Settling as sent",
  "settle-not-sent": "Settling as not sent",
};

function Tasks({ tasks }: Pick<FailuresProperties, "tasks">) {
  if (tasks.length === 0) return null;
  return (
    <section class="card">
      <h2>Under way and done</h2>
      <ul class="plain">
        {tasks.map(({ id, action, filter, why, actor, total, done, missed, state, error, startedAt }) => (
          <li>
            <label for={`task-${id}`}>{doings[action]} {filter.job}: {filter.reason}</label>{" "}
            <progress
              id={`task-${id}`}
              max={Math.max(total, 1)}
              value={state === "done" && total === 0 ? 1 : done + missed}
            >
            </progress>{" "}
            <span>{`${done} of ${total}, ${state}`}{missed > 0 && `, ${missed} settled by somebody else`}</span>
            <br />
            <span class="note">
              <Moment at={startedAt.toISOString()} day /> by {actor}: {why}
              {error && `; ${error}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export interface GroupProperties {
  viewer: Viewer;
  group: Pick<FailureGroup, "kind" | "job" | "reason">;
  cause: string | undefined;
  count: number;
  /** Some of them, by id and where they belong to. */
  examples: readonly { id: string; aggregateId: string | null; at: Date }[];
  problem?: string | undefined;
}

const choices: Record<string, readonly [Task["action"], string][]> = {
  "dead-letters": [["replay", "Replay"], ["discard", "Discard"]],
  failed: [["resend", "Send again"], ["settle-not-sent", "Give up"]],
  // Never a second one to somebody who has the first.
  unknown: [["settle-sent", "They arrived"], ["settle-not-sent", "They did not arrive"]],
};

export function GroupPage({ viewer, group, cause, count, examples, problem }: GroupProperties) {
  const { kind, job, reason } = group;
  const actions = choices[kind === "sends" ? reason : kind] ?? [];
  const mayAct = viewer.caller.scopes.includes("ops:act");
  return (
    <Layout title={`${titles[kind]} of ${job}: ${reason}`} section="failures" viewer={viewer}>
      <p class="actions">
        <a href="/ops/failures">All failures</a>
      </p>
      <h1>{`${count} ${titles[kind].toLowerCase()} of ${job}: ${reason}`}</h1>
      {cause !== undefined && <p class="notice code">{cause === "" ? "without an error" : cause}</p>}
      {problem && <p class="notice bad" role="alert">{problem}</p>}
      {mayAct && count > 0
        ? (
          <form method="post" action="/ops/failures/group" class="card stack">
            <input type="hidden" name="csrf" value={viewer.csrf} />
            {Object.entries({ kind, job, reason, cause }).map(([name, value]) =>
              value !== undefined && <input type="hidden" name={name} value={value} />
            )}
            <label for="why">Why</label>
            <input id="why" name="why" required maxlength={500} autocomplete="off" aria-describedby="why-note" />
            <p id="why-note" class="note">
              Kept with what you decide, under the name {viewer.caller.name}. No personal data.
            </p>
            <label for="rate">At most a second</label>
            <input id="rate" name="rate" type="number" min={1} max={1000} value="50" required />
            <p class="actions">
              {actions.map(([action, label]) => (
                <button
                  type="submit"
                  name="action"
                  value={action}
                  class={/discard|settle/.test(action) ? "danger" : undefined}
                >
                  {`${label} ${count === 1 ? "it" : `all ${count}`}`}
                </button>
              ))}
            </p>
          </form>
        )
        : (
          <p class="notice">
            {count === 0 ? "Nothing is left of this group." : "To decide, a key needs the scope ops:act."}
          </p>
        )}
      <section class="card">
        <h2>{examples.length < count ? `The oldest ${examples.length}` : "Each of them"}</h2>
        <ul class="plain">
          {examples.map(({ id, aggregateId, at }) => (
            <li>
              <Moment at={at.toISOString()} day />{" "}
              {kind === "dead-letters" ? <a href={`/ops/dead-letters/${id}`}>{`Dead letter ${id}`}</a> : `Send ${id}`}
              {aggregateId && (
                <>
                  {" "}of <a class="code" href={`/ops/timeline/${encodeURIComponent(aggregateId)}`}>{aggregateId}</a>
                </>
              )}
            </li>
          ))}
        </ul>
      </section>
    </Layout>
  );
}
