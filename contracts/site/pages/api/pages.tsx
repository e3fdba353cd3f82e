/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { inline } from "../../code.tsx";
import { listCalls } from "../../load/curl.ts";
import type { OpenApi } from "../../load/openapi.ts";
import type { Page } from "../../page.ts";
import { Operation } from "./operation.tsx";
import { ApiOverview, tagOf, tagPath } from "./overview.tsx";

/** The REST reference from the OpenAPI document that the producer makes of its routes: an overview, and a page a tag. */
export function apiPages(api: OpenApi): Page[] {
  const calls = listCalls(api);
  const tags = [...new Set(calls.map(({ operation }) => tagOf(operation)))];
  return [
    {
      path: "api/index.html",
      title: "All operations",
      section: "API",
      summary: "Every operation of the REST API, and every problem that it answers.",
      body: (link) => <ApiOverview api={api} calls={calls} link={link} />,
    },
    ...tags.map((tag): Page => {
      const description = api.tags?.find(({ name }) => name === tag)?.description ?? `Operations: ${tag}`;
      return {
        path: tagPath(tag),
        title: tag,
        section: "API",
        summary: description,
        body: (link) => (
          <>
            <p class="kicker">REST reference</p>
            <h1>{tag}</h1>
            <p class="lead">{inline(description)}</p>
            {calls.filter(({ operation }) => tagOf(operation) === tag)
              .map((call) => <Operation api={api} call={call} link={link} />)}
          </>
        ),
      };
    }),
  ];
}
