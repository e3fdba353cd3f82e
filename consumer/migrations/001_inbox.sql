-- What each job has done: the row commits together with the job's effect, so an effect happens once.
create table inbox (
  job          text        not null,
  event_key    text        not null,
  event_name   text        not null,
  aggregate_id text        not null,
  outcome      text        not null check (outcome in ('applied', 'ignored')),
  processed_at timestamptz not null default now(),
  primary key (job, event_key)
);

create index inbox_processed_at on inbox (processed_at);
