import { readFile } from "node:fs/promises";
import process from "node:process";
import type { Sql } from "postgres";
import type { Config } from "../config.ts";
import { topologyWith } from "../broker/topology.ts";
import { readTimeline, type TimelineSources } from "../timeline/read-timeline.ts";
import type { Timeline } from "../timeline/timeline.ts";
import type { BundledMessage, IncidentBundle } from "./bundle.ts";
import { archivedMessages, deadMessages, recordedMessages } from "./incident-messages.ts";
import { createStandIns, type StandIns } from "./stand-ins.ts";

export interface IncidentSources {
  config: Config;
  timeline: TimelineSources;
}

/** Undefined where nobody knows of the appointment or doctor. */
export async function makeBundle(
  { config, timeline: sources }: IncidentSources,
  id: string,
): Promise<IncidentBundle | undefined> {
  const { sql, now } = sources;
  const timeline = await readTimeline(sources, id, { personal: false });
  if (!timeline) return undefined;
  const standIns = createStandIns();
  const own = await messagesOf(sources, id, standIns);
  const doctors = [...new Set(own.flatMap(({ body }) => doctorsIn(body)))].filter((doctor) => doctor !== id);
  const theirs = (await Promise.all(doctors.map((doctor) => messagesOf(sources, doctor, standIns)))).flat();
  // The doctors first: an event waits for one that it doesn't know, and that is not what is to be seen.
  const events = [...byTime(theirs), ...byTime(own)].map(({ at: _, ...message }) => message);
  const deadLetters = await deadMessages(sql, id, standIns);
  return {
    format: 1,
    madeAt: now().toISOString(),
    id,
    versions: await versionsOf(sql),
    settings: settingsOf(config),
    topology: topologyWith(config.amqp.maxLength),
    timeline,
    events,
    deadLetters,
    expected: await expectedOf(sql, id, timeline),
    standIns: standIns.count(),
  };
}

type Timed = BundledMessage & { at: string };

const byTime = (messages: Timed[]) => messages.toSorted((a, b) => a.at.localeCompare(b.at));

async function messagesOf({ sql, producer }: TimelineSources, id: string, standIns: StandIns): Promise<Timed[]> {
  const archived = producer ? await archivedMessages(producer, id, standIns).catch(() => []) : [];
  return archived.length > 0 ? archived : await recordedMessages(sql, id, standIns);
}

function doctorsIn(body: string): string[] {
  const { payload } = JSON.parse(body) as { payload?: Record<string, unknown> };
  return [payload?.["doctorId"], payload?.["previousDoctorId"]].filter((id) => typeof id === "string");
}

async function versionsOf(sql: Sql): Promise<IncidentBundle["versions"]> {
  const own = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  const [row] = await sql<{ name: string }[]>`select name from schema_migrations order by name desc limit 1`;
  return { consumer: own.version, runtime: `${process.release.name} ${process.version}`, migration: row?.name ?? null };
}

/** Numbers and choices only: no address, no name, no key. */
function settingsOf(
  { delivery, jobs, amqp, notifications, inboxRetentionDays, ...parts }: Config,
): Record<string, unknown> {
  const { reminderLeadMinutes, defaultLocale, sendConcurrency } = notifications;
  const { mail, sms, caldav, audit, producer } = parts;
  const isSet = Object.fromEntries(
    Object.entries({ mail, sms, caldav, audit, producer }).map(([part, value]) => [part, value !== undefined]),
  );
  return {
    ...delivery,
    jobs,
    queueMaxLength: amqp.maxLength ?? null,
    inboxRetentionDays,
    reminderLeadMinutes,
    defaultLocale,
    sendConcurrency,
    isSet,
  };
}

async function expectedOf(sql: Sql, id: string, { events }: Timeline): Promise<IncidentBundle["expected"]> {
  const rows = await sql<{ job: string; eventKey: string; outcome: string }[]>`
    select job, event_key as "eventKey", outcome from inbox where aggregate_id = ${id}
    union all
    select distinct job, event_key, 'dead letter: ' || reason from dead_letters as letter
    where aggregate_id = ${id} and not exists (
      select from inbox where inbox.job = letter.job and inbox.event_key = letter.event_key
    )`;
  const known = new Set(events.map(({ eventKey }) => eventKey));
  return rows.filter(({ eventKey }) => known.has(eventKey));
}
