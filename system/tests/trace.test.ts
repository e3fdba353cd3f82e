import { afterEach, beforeEach, expect, test } from "vitest";
import { book } from "./support/book.ts";
import { type Clinic, createClinic } from "./support/clinic.ts";
import { attributeOf, type OtlpSink, type ReceivedSpan, startOtlpSink } from "./support/otlp-sink.ts";

let clinic: Clinic;
let sink: OtlpSink;
beforeEach(async ({ onTestFailed }) => {
  [clinic, sink] = await Promise.all([createClinic(), startOtlpSink()]);
  onTestFailed(() => console.log(clinic.log.join("\n")));
});
afterEach(async () => {
  await clinic.remove();
  sink.stop();
});

const queues = ["created", "audit", "availability", "calendar", "notifications"].map((name) => `apt.${name}.queue`);
const effects = ["send mail", "send mail", "send text message", "write calendar entry"];
const patiently = { timeout: 60_000, interval: 250 };

/** The spans of the trace that the booking began. */
function traceOf(correlationId: string): ReceivedSpan[] {
  const publication = sink.spans.find((span) =>
    span.name === "publish appointments.ex" && attributeOf(span, "messaging.message.conversation_id") === correlationId
  );
  return sink.spans.filter(({ traceId }) => traceId === publication?.traceId);
}

const namesOf = (spans: readonly ReceivedSpan[]) => spans.map(({ name }) => name).sort();
const everyStep = ["POST /v1/appointments", "publish appointments.ex", ...queues.map((queue) => `process ${queue}`)];

/** The first attempt at a table's row fails, as when a disk is full for a moment. */
async function failOnce(table: string): Promise<void> {
  await clinic.consumerSql.unsafe(`
    create sequence attempts;
    create function fail_once() returns trigger language plpgsql as $$
    begin if nextval('attempts') = 1 then raise exception 'once'; end if; return new; end $$;
    create trigger fail_once before insert on ${table} for each row execute function fail_once()`);
}

test.for(["node", "deno"] as const)(
  "on %s, one trace goes from the request to the last effect, after a retry and after a replay as well",
  async (runtime) => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url };
    await Promise.all([clinic.startProducer({ runtime, env }), clinic.startConsumer({ runtime, env })]);
    await clinic.createDoctor();
    const { correlationId } = await book(clinic, 1);
    const all = [...everyStep, ...effects].sort();
    await expect.poll(() => namesOf(traceOf(correlationId)), patiently).toEqual(all);
    const spans = traceOf(correlationId);
    const parentOf = ({ parentSpanId }: ReceivedSpan) => spans.find(({ spanId }) => spanId === parentSpanId)?.name;
    for (const span of spans.filter(({ name }) => /^(process|publish)/.test(name))) {
      expect(parentOf(span)).toBe("POST /v1/appointments");
    }
    for (const span of spans.filter(({ name }) => effects.includes(name))) {
      const job = span.name === "write calendar entry" ? "calendar" : "notifications";
      expect(parentOf(span)).toBe(`process apt.${job}.queue`);
      expect(attributeOf(span, "server.address")).toBe("127.0.0.1");
      expect(attributeOf(span, "messaging.message.conversation_id")).toBe(correlationId);
      expect(span.status.code ?? 0).toBe(0);
    }

    await failOnce("notification_visits");
    const retried = await book(clinic, 2);
    const twice = [...all, "process apt.notifications.queue"].sort();
    await expect.poll(() => namesOf(traceOf(retried.correlationId)), patiently).toEqual(twice);
    const attempts = traceOf(retried.correlationId).filter(({ name }) => name === "process apt.notifications.queue");
    expect(attempts.map(({ status }) => status.code ?? 0).sort()).toEqual([0, 2]);

    const [from, to] = ["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"];
    await clinic.consumerCommand("replay", "--job", "analytics", "--from", from, "--to", to);
    const replayed = [...all, "process apt.created.queue"].sort();
    await expect.poll(() => namesOf(traceOf(correlationId)), patiently).toEqual(replayed);
    expect(JSON.stringify(sink.spans)).not.toContain("@");
  },
);
