/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Code, inline } from "../code.tsx";
import { Table } from "../layout.tsx";
import { type ApiCall, exampleOf, listCalls } from "../load/curl.ts";
import { resolve } from "../load/documents.ts";
import type { Answer, JsonSchema, OpenApi } from "../load/services.ts";
import type { Page } from "../page.ts";

function typeOf(api: OpenApi, schema: JsonSchema | undefined): string {
  if (!schema) return "";
  const { anyOf, oneOf, ...own } = resolve<JsonSchema>(api, schema);
  const choices = anyOf ?? oneOf;
  if (choices) {
    return [...new Set(choices.map((choice) => typeOf(api, choice)))].join(
      " or ",
    );
  }
  if (own.enum) {
    return own.enum.map((value) => JSON.stringify(value)).join(" | ");
  }
  if (own.const !== undefined) return JSON.stringify(own.const);
  if (own.items) return `${typeOf(api, own.items)}[]`;
  return own.format ?? String(own.type ?? "any");
}

function BodyTable(
  { api, label, schema }: { api: OpenApi; label: string; schema: JsonSchema },
) {
  const { properties = {}, required = [] } = resolve<JsonSchema>(api, schema);
  if (Object.keys(properties).length === 0) return null;
  return (
    <Table label={label} head={["Field", "Type", "Meaning"]}>
      {Object.entries(properties).map(([name, node]) => (
        <tr>
          <th scope="row">
            <code>{name}</code>
            <span class={required.includes(name) ? "required" : "optional"}>
              {required.includes(name) ? "required" : "optional"}
            </span>
          </th>
          <td>
            <code>{typeOf(api, node)}</code>
          </td>
          <td>
            {inline(
              node.description ?? resolve<JsonSchema>(api, node).description ??
                "",
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Answers({ api, call }: { api: OpenApi; call: ApiCall }) {
  const answers = Object.entries(call.operation.responses).map((
    [status, answer],
  ) => [status, resolve<Answer>(api, answer)] as const);
  const success = answers.find(([status]) => status.startsWith("2"))?.[1];
  const example = exampleOf(Object.values(success?.content ?? {})[0]);
  return (
    <>
      <Table
        label={`Answers of ${call.operation.operationId}`}
        head={["Status", "When", "Content"]}
      >
        {answers.map(([status, { description, content }]) => (
          <tr>
            <th scope="row" class={status.startsWith("2") ? "yes" : "no"}>
              {status}
            </th>
            <td>{inline(description)}</td>
            <td>
              <code>{Object.keys(content ?? {}).join(", ")}</code>
            </td>
          </tr>
        ))}
      </Table>
      {example === undefined ? null : (
        <Code language="json" label="Answer">
          {JSON.stringify(example, null, 2)}
        </Code>
      )}
    </>
  );
}

function Operation({ api, call }: { api: OpenApi; call: ApiCall }) {
  const { method, path, operation, parameters, curl } = call;
  const body = Object.values(operation.requestBody?.content ?? {})[0];
  return (
    <section
      class="operation"
      id={operation.operationId}
      aria-label={operation.summary}
    >
      <h3>{operation.summary}</h3>
      <p>
        <span class={`method ${method}`}>{method.toUpperCase()}</span> <code>{path}</code>
      </p>
      {operation.description ? <p>{inline(operation.description)}</p> : null}
      {parameters.length === 0 ? null : (
        <Table
          label={`Parameters of ${operation.operationId}`}
          head={["Parameter", "Type", "Meaning"]}
        >
          {parameters.map((parameter) => (
            <tr>
              <th scope="row">
                <code>{parameter.name}</code>
                <span class={parameter.required ? "required" : "optional"}>
                  {parameter.in}, {parameter.required ? "required" : "optional"}
                </span>
              </th>
              <td>
                <code>{typeOf(api, parameter.schema)}</code>
              </td>
              <td>
                {inline(
                  parameter.description ?? parameter.schema?.description ??
                    "",
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {body?.schema
        ? (
          <BodyTable
            api={api}
            label={`Body of ${operation.operationId}`}
            schema={body.schema}
          />
        )
        : null}
      <Code language="bash" label="Request">{curl}</Code>
      <Answers api={api} call={call} />
    </section>
  );
}

/** The REST reference, from the OpenAPI document that the producer generates from its routes. */
export function apiPage(api: OpenApi): Page {
  const calls = listCalls(api);
  const tags = [
    ...new Set(calls.map(({ operation }) => operation.tags?.[0] ?? "Other")),
  ];
  return {
    path: "api/index.html",
    title: "REST reference",
    section: "API",
    summary: "Every operation of the REST API with request, answers, problems and a line to call it.",
    body: () => (
      <>
        <h1>REST reference</h1>
        <p class="lead">
          {calls.length} operations, version{" "}
          {api.info.version}. Generated from the routes and schemas that serve them; each request below is run by a
          test.
        </p>
        <p>
          The shell variables are <code>$API</code> and <code>$API_KEY</code> as <code>npm start</code>{" "}
          prints them, and ids, dates (<code>2030-12-02T00:00:00Z</code>) and the entity tag (<code>$ETAG</code>) of an
          earlier answer. Every failure is a problem document (RFC 9457).
        </p>
        {tags.map((tag) => (
          <>
            <h2 id={`tag-${tag.toLowerCase().replaceAll(/\W+/g, "-")}`}>
              {tag}
            </h2>
            {calls.filter(({ operation }) => (operation.tags?.[0] ?? "Other") === tag)
              .map((call) => <Operation api={api} call={call} />)}
          </>
        ))}
      </>
    ),
  };
}
