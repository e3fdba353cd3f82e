/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */

export interface Series {
  name: string;
  /** One for each minute, null where nobody knows. */
  values: readonly (number | null)[];
}

interface Properties {
  title: string;
  unit: string;
  series: readonly Series[];
  /** Of the minutes, from the first to the last. */
  from: string;
  to: string;
}

const width = 320;
const height = 84;

/** A round number that nothing is above. */
function ceilingOf(max: number): number {
  if (max <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(max));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= max)!;
}

function pathOf(values: readonly (number | null)[], ceiling: number): string {
  let pen = "M";
  return values.map((value, index) => {
    if (value === null) {
      pen = "M";
      return "";
    }
    const x = values.length === 1 ? width : index * width / (values.length - 1);
    const point = `${pen}${x.toFixed(1)} ${(height - value * (height - 4) / ceiling).toFixed(1)}`;
    pen = "L";
    return values.length === 1 ? `M0 ${point.split(" ")[1]}${point.replace("M", "L")}` : point;
  }).join("");
}

/** Lines over the last hour, drawn on the server; the same in words for who does not see them. */
export function Chart({ title, unit, series, from, to }: Properties) {
  const known = series.flatMap(({ values }) => values.filter((value) => value !== null));
  const max = Math.max(0, ...known);
  const ceiling = ceilingOf(max);
  const last = series.map(({ name, values }) => `${name} ${values.at(-1) ?? "unknown"}`).join(", ");
  return (
    <figure class="chart">
      <figcaption>
        {title} <span class="note">{unit}</span>
      </figcaption>
      {known.length === 0 ? <p class="note">Nothing was measured yet.</p> : (
        <svg
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={`${title}, from ${from} to ${to}: at most ${max}, now ${last}`}
          preserveAspectRatio="none"
        >
          <line class="axis" x1="0" y1={height - 0.5} x2={width} y2={height - 0.5} />
          <line class="grid" x1="0" y1="4" x2={width} y2="4" />
          {series.map(({ values }, index) => <path class={`line line-${index}`} d={pathOf(values, ceiling)} />)}
        </svg>
      )}
      <p class="scale note">
        <span>{from}</span>
        <span>{`top ${ceiling}`}</span>
        <span>{to}</span>
      </p>
      {series.length > 1 && (
        <ul class="legend">
          {series.map(({ name }, index) => (
            <li>
              <i class={`key line-${index}`}></i>
              {name}
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}
