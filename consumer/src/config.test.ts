import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const least = {
  DATABASE_URL: "postgres://localhost/consumer",
  AMQP_URL: "amqp://localhost",
  SMTP_URL: "smtp://localhost",
  MAIL_FROM: "Clinic <clinic@example.org>",
};

function problemsOf(variables: Record<string, string>): string[] {
  try {
    readConfig(variables);
    return [];
  } catch (error) {
    return (error as Error).message.split("\n");
  }
}

test("the least that is needed runs every job", () => {
  const config = readConfig(least);
  expect(config.jobs).toEqual(["notifications", "availability", "audit", "calendar", "analytics"]);
  expect(config.sms).toBeUndefined();
  expect(config.ops).toEqual({ host: "127.0.0.1", port: 3001 });
});

test("every problem is told at once, each with its variable", () => {
  const problems = problemsOf({
    ...least,
    DATABASE_URL: "mysql://x",
    OPS_PORT: "many",
    JOBS: "audit,cooking",
    AMQP_URL: "",
  });
  expect(problems).toEqual([
    "DATABASE_URL must be a URL that starts with postgres:// or postgresql://",
    "AMQP_URL is missing",
    "JOBS must be of notifications, availability, audit, calendar, analytics",
    "OPS_PORT must be a whole number, at least 0",
  ]);
});

test("wrong values hide no problem that variables have in common", () => {
  const { SMTP_URL: _url, MAIL_FROM: _from, ...withoutMail } = least;
  expect(problemsOf({
    ...withoutMail,
    OPS_PORT: "many",
    DATABASE_POOL: "4",
    PREFETCH: "2",
    CALDAV_URL: "ftp://calendars",
    INBOX_RETENTION_DAYS: "1",
  })).toEqual([
    "OPS_PORT must be a whole number, at least 0",
    "CALDAV_URL must be a URL that starts with http:// or https://",
    "CALDAV_USERNAME is missing; CALDAV_URL, CALDAV_USERNAME, CALDAV_PASSWORD go together",
    "CALDAV_PASSWORD is missing; CALDAV_URL, CALDAV_USERNAME, CALDAV_PASSWORD go together",
    "SMTP_URL and MAIL_FROM are missing; the job notifications needs them",
    "DATABASE_POOL must be at least 20: jobs x CONCURRENCY, and 5 more",
    "CONCURRENCY must not be above PREFETCH",
    "INBOX_RETENTION_DAYS must not be below ARCHIVE_RETENTION_DAYS, or a replay would do things again",
  ]);
});

test("a wrong value is one problem, and causes no other", () => {
  const wrong = { ...least, SMTP_URL: "mail", CONCURRENCY: "many", JOBS: "audit,x,y", ARCHIVE_RETENTION_DAYS: "-" };
  expect(problemsOf(wrong).map((problem) => problem.split(" ")[0])).toEqual([
    "JOBS",
    "CONCURRENCY",
    "ARCHIVE_RETENTION_DAYS",
    "SMTP_URL",
  ]);
});

test("an empty variable counts as unset", () => {
  expect(readConfig({ ...least, SMS_URL: "", PREFETCH: "" }).delivery.prefetch).toBe(20);
});

test("variables that belong together are set together", () => {
  expect(problemsOf({ ...least, CALDAV_URL: "http://localhost", CALDAV_USERNAME: "clinic" })).toEqual([
    "CALDAV_PASSWORD is missing; CALDAV_URL, CALDAV_USERNAME, CALDAV_PASSWORD go together",
  ]);
});

test("mail is needed where notifications run, and only there", () => {
  const { SMTP_URL: _url, MAIL_FROM: _from, ...withoutMail } = least;
  expect(problemsOf(withoutMail)).toEqual(["SMTP_URL and MAIL_FROM are missing; the job notifications needs them"]);
  expect(readConfig({ ...withoutMail, JOBS: "audit, calendar" }).jobs).toEqual(["audit", "calendar"]);
});

test("the jobs' concurrency stays within the pool and the prefetch", () => {
  expect(problemsOf({ ...least, CONCURRENCY: "4" })).toEqual([
    "DATABASE_POOL must be at least 25: jobs x CONCURRENCY, and 5 more",
  ]);
  expect(problemsOf({ ...least, CONCURRENCY: "3", PREFETCH: "2" })).toEqual(["CONCURRENCY must not be above PREFETCH"]);
});

test("the inbox is kept at least as long as the producer's archive", () => {
  expect(problemsOf({ ...least, INBOX_RETENTION_DAYS: "399" })).toEqual([
    "INBOX_RETENTION_DAYS must not be below ARCHIVE_RETENTION_DAYS, or a replay would do things again",
  ]);
  expect(problemsOf({ ...least, INBOX_RETENTION_DAYS: "30", ARCHIVE_RETENTION_DAYS: "30" })).toEqual([]);
});

test("several brokers are named with commas between", () => {
  expect(readConfig({ ...least, AMQP_URL: "amqp://a,amqps://b" }).amqp.urls).toEqual(["amqp://a", "amqps://b"]);
});

test("what a list names twice counts once", () => {
  const config = readConfig({ ...least, JOBS: "audit,audit", REMINDER_LEAD_MINUTES: "120,1440,120" });
  expect(config.jobs).toEqual(["audit"]);
  expect(config.notifications.reminderLeadMinutes).toEqual([120, 1440]);
});
