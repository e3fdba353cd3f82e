-- What failures of one cause have in common: the error without what differs from one message to the next.
alter table dead_letters add column cause text not null generated always as (
  left(regexp_replace(regexp_replace(
    left(coalesce(headers ->> 'x-error-message', ''), 500),
    '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '…', 'gi'), '[0-9]+', 'N', 'g'), 160)
) stored;

-- Wide enough that a hundred thousand of them are counted without a look at the table, and their bodies.
create index dead_letters_groups on dead_letters (job, reason, cause, stored_at, id) where state = 'stored';

alter table sends add column cause text generated always as (
  case when state in ('failed', 'unknown') then left(regexp_replace(coalesce(reason, ''), '[0-9]+', 'N', 'g'), 160) end
) stored;

create index sends_groups on sends (channel, state, cause, updated_at, id)
  where state in ('failed', 'unknown') and settled_as is null;

-- What somebody has begun to do about a group of failures, and how far it is.
create table ops_tasks (
  id          uuid        primary key,
  kind        text        not null check (kind in ('dead-letters', 'sends')),
  action      text        not null,
  -- which failures: job, reason and cause of dead letters; channel, state and cause of sends
  filter      jsonb       not null,
  why         text        not null,
  actor       text        not null,
  total       integer     not null default 0,
  done        integer     not null default 0,
  missed      integer     not null default 0,
  state       text        not null check (state in ('running', 'done', 'stopped', 'failed')),
  error       text,
  started_at  timestamptz not null,
  -- a process that was killed says nothing more
  beat_at     timestamptz not null,
  finished_at timestamptz
);

create index ops_tasks_started on ops_tasks (started_at);
