/** An answer that came in full. */
export type Answer = {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly text: string;
};

export type Request = {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly signal: AbortSignal | undefined;
  /** Until the last byte of the answer is there. */
  readonly timeoutMs: number;
};

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** One attempt. */
export async function sendOnce(
  fetch: Fetch,
  request: Request,
): Promise<Answer> {
  const { method, url, headers, body, signal, timeoutMs } = request;
  const limit = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, {
    method,
    headers,
    // The service never redirects, and the credentials are for its address only.
    redirect: "manual",
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { status, statusText } = response;
  return {
    status,
    statusText,
    headers: response.headers,
    text: await response.text(),
  };
}

export function isSuccess({ status }: Answer): boolean {
  return status === 304 || (status >= 200 && status < 300);
}
