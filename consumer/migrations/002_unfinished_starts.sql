-- Redelivered messages that a job has begun: what is still here when the message comes again took the process down.
create table unfinished_starts (
  job             text        not null,
  body_hash       text        not null,
  starts          integer     not null,
  last_started_at timestamptz not null default now(),
  primary key (job, body_hash)
);
