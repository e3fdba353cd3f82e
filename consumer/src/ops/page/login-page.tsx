/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { Layout } from "./layout.tsx";

export function LoginPage({ next, refused }: { next: string; refused: boolean }) {
  return (
    <Layout title="Log in">
      <section class="card narrow">
        <h1>Operations</h1>
        {refused && <p class="notice bad" role="alert">This key is not known here.</p>}
        <form method="post" action="/ops/login" class="stack">
          <input type="hidden" name="next" value={next} />
          <label for="key">Your key</label>
          <input
            id="key"
            name="key"
            type="password"
            autocomplete="current-password"
            required
            aria-describedby="key-note"
          />
          <p id="key-note" class="note">
            One of OPS_API_KEYS, by the consumer's settings. A session lasts eight hours.
          </p>
          <button type="submit">Log in</button>
        </form>
      </section>
    </Layout>
  );
}
