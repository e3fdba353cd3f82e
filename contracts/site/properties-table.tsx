/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { inline } from "./code.tsx";
import type { Property } from "./load/properties.ts";
import { Table } from "./table.tsx";

/** AMQP properties, beside what they were on a captured message. */
export function PropertiesTable(
  { properties, release }: { properties: Property[]; release: string | undefined },
) {
  return (
    <>
      <p>
        The effective properties, with all traits applied. A property that the AMQP binding has no field for is shown as
        every captured message carries it.
      </p>
      <Table label="Properties" head={["Property", "Value", ...(release ? [`Captured in ${release}`] : [])]}>
        {properties.map(({ name, value, declared, captured }) => (
          <tr id={`property-${name}`}>
            <th scope="row">
              <code>{name}</code>
            </th>
            <td>
              {inline(value)}
              {declared ? null : <span class="constraint">seen on the wire</span>}
            </td>
            {release ? <td>{captured === undefined ? "" : <code>{captured}</code>}</td> : null}
          </tr>
        ))}
      </Table>
    </>
  );
}
