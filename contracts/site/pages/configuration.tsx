/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { inline } from "../code.tsx";
import { Table } from "../table.tsx";
import type { Description } from "../load/services.ts";
import type { Page } from "../page.ts";

/** A list may break after a comma, anything else stays whole. */
function Default({ value }: { value: string }) {
  return (
    <code class="whole">
      {value.split(/(?<=,)/).map((part) => (
        <>
          {part}
          <wbr />
        </>
      ))}
    </code>
  );
}

export function configurationPage(descriptions: Description[]): Page {
  return {
    path: "operate/configuration.html",
    title: "Configuration",
    section: "Operate",
    summary: "Every environment variable of both services, generated from the schemas that read them.",
    body: () => (
      <>
        <h1>Configuration</h1>
        <p class="lead">
          By environment variables, read once at the start. Every wrong one is printed, then the service exits with 1.
        </p>
        {descriptions.map(({ service, configuration }) => (
          <>
            <h2 id={service}>{service}</h2>
            <Table
              label={`Configuration of the ${service}`}
              head={["Variable", "Default", "Meaning"]}
            >
              {configuration.map((
                { name, required, fallback, description },
              ) => (
                <tr id={`${service}-${name}`}>
                  <th scope="row">
                    <code>{name}</code>
                    {required ? <span class="required">required</span> : null}
                  </th>
                  <td>
                    {fallback === undefined ? "" : <Default value={fallback} />}
                  </td>
                  <td>{inline(description)}</td>
                </tr>
              ))}
            </Table>
          </>
        ))}
      </>
    ),
  };
}
