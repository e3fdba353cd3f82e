export type Sent = {
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
};

/** Fills a path of the OpenAPI document. A value can't lead to another address. */
export function addressOf(
  baseUrl: string,
  path: string,
  { params = {}, query = {} }: Sent,
): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined || /^\.{0,2}$/.test(value)) {
      throw new TypeError(
        `${path} needs the parameter ${name}, not ${JSON.stringify(value)}`,
      );
    }
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return `${baseUrl.replace(/\/+$/, "")}${filled}${search.size === 0 ? "" : `?${search}`}`;
}
