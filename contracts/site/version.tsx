/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Revision } from "./load/revisions.ts";

/** A version of a service: its tree hash, and the newest commit that holds it. */
export function Version(
  { service, tree, revisions }: { service: "producer" | "consumer"; tree: string; revisions: Revision[] },
) {
  const revision = revisions.find((one) => one[service] === tree);
  return (
    <span class="version-of">
      <code title={tree}>{tree.slice(0, 12)}</code>{" "}
      <small>
        {revision
          ? (
            <>
              {revision === revisions[0] ? "HEAD, " : ""}commit{" "}
              <code title={revision.subject}>
                {revision.commit.slice(0, 7)}
              </code>{" "}
              of {revision.date}
            </>
          )
          : "in no commit of this history"}
      </small>
    </span>
  );
}
