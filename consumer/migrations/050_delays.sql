-- Deliveries that a job put off: how often, since when and why. What the queues alone know is gone when they hand it back.
create table delivery_delays (
  job             text        not null,
  event_key       text        not null,
  aggregate_id    text,
  event_name      text,
  correlation_id  text,
  -- retry: it failed; wait: a predecessor or a doctor is not known yet
  kind            text        not null check (kind in ('retry', 'wait')),
  retries         integer     not null,
  waits           integer     not null,
  first_at        timestamptz not null,
  last_at         timestamptz not null,
  -- When the broker hands it back.
  next_at         timestamptz not null,
  reason          text        not null,
  primary key (job, event_key)
);

create index delivery_delays_aggregate on delivery_delays (aggregate_id);
create index delivery_delays_last on delivery_delays (last_at);
