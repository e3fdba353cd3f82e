/** A request to a broker's management API, in whose path `{vhost}` is the virtual host; answers with JSON. */
export type Manage = (method: string, path: string, body?: unknown) => Promise<unknown>;

export function createManagement(address: string, vhost: string): Manage {
  const { origin, username, password } = new URL(address);
  const authorization = `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}`;
  return async (method, template, body) => {
    const path = template.replace("{vhost}", encodeURIComponent(vhost));
    const response = await fetch(new URL(path, origin), {
      method,
      headers: { authorization, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((cause) => {
      throw new Error(`${method} ${path} got no answer from ${origin}`, { cause });
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
}
