import type { ApiCall } from "../load/curl.ts";
import type { JobPage, Model } from "../load/model.ts";

/** A box of the drawing; where it leads depends on where the drawing is shown. */
export interface Part {
  title: string;
  sub?: string;
  href: string;
}

/** A job with what leads to it and away from it. */
export interface Lane {
  /** The routing keys that its queue is bound with. */
  keys: string[];
  queue: Part;
  job: Part;
  delays: string[];
  retriesHref: string;
  deadLetterExchange: string;
  deadLetters: Part;
}

export interface Parts {
  request: Part;
  transaction: Part;
  relay: Part;
  archive: Part;
  exchange: Part;
  lanes: Lane[];
}

export interface Links {
  request: string;
  transaction: string;
  relay: string;
  archive: string;
  exchange: string;
  queue(job: JobPage): string;
  job(job: JobPage): string;
  retries(job: JobPage): string;
  deadLetters(job: JobPage): string;
}

/** What is drawn: from the OpenAPI and the AsyncAPI documents. */
export function partsOf(model: Model, booking: ApiCall, links: Links): Parts {
  const { exchange, events, jobs } = model;
  return {
    request: { title: booking.method.toUpperCase(), sub: booking.path, href: links.request },
    transaction: { title: "one transaction", sub: "state + outbox row", href: links.transaction },
    relay: { title: "relay", sub: `${events.length} kinds of event`, href: links.relay },
    archive: { title: "archive", sub: "of what was sent", href: links.archive },
    exchange: { title: exchange.name, sub: exchange.type, href: links.exchange },
    lanes: jobs.map((job) => ({
      keys: job.settings.bindings.map(({ routingKey }) => routingKey),
      queue: {
        title: job.queue,
        sub: `at most ${job.settings.arguments["x-max-length"]}`,
        href: links.queue(job),
      },
      job: { title: job.name, href: links.job(job) },
      delays: job.settings.retry.delays,
      retriesHref: links.retries(job),
      deadLetterExchange: job.settings.deadLetter.exchange,
      deadLetters: { title: job.settings.deadLetter.queue, sub: "kept until replayed", href: links.deadLetters(job) },
    })),
  };
}
