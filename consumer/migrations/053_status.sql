-- Each process of the consumer, as long as it tells of itself, and what only it knows: whom it calls and whom not.
create table ops_processes (
  process_id uuid        primary key,
  started_at timestamptz not null,
  seen_at    timestamptz not null,
  jobs       text[]      not null,
  state      jsonb       not null
);

-- The system as it was, once a minute, for the charts.
create table ops_samples (
  taken_at timestamptz primary key,
  sample   jsonb       not null
);
