-- What the jobs gave up, taken out of the dead-letter queues, until a person replays or discards it.
create table dead_letters (
  id             bigint      generated always as identity primary key,
  job            text        not null,
  reason         text        not null,
  event_key      text        not null,
  event_name     text,
  aggregate_id   text,
  correlation_id text,
  body           bytea       not null,
  properties     jsonb       not null,
  headers        jsonb       not null,
  -- the same dead letter delivered again is stored once
  delivery_hash  text        not null unique,
  state          text        not null default 'stored' check (state in ('stored', 'replayed', 'discarded')),
  stored_at      timestamptz not null default now(),
  settled_at     timestamptz,
  settled_why    text,
  check ((state = 'stored') = (settled_at is null))
);

create index dead_letters_stored on dead_letters (job, reason, id) where state = 'stored';
