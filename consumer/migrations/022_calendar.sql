-- What the doctors' calendars should show of a visit, as far as its events have told.
create table calendar_visits (
  appointment_id uuid primary key,
  doctor_id text,
  starts_at timestamptz(3),
  ends_at timestamptz(3),
  place_version integer,
  place_at timestamptz(3),
  cancelled boolean not null default false
);

-- The intents: one for each calendar in which a visit is, was or would have been. `content` is the wanted entry, null
-- when there should be none. `sent` is noted before a request and `written` after it, so that a crash in between shows.
create table calendar_intents (
  appointment_id uuid not null references calendar_visits (appointment_id) on delete cascade,
  doctor_id text not null,
  content text,
  state text not null check (state in ('pending', 'done', 'conflict', 'failed')),
  revision integer not null default 1,
  sent text,
  written text,
  etag text,
  correlation_id text,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  leased_until timestamptz,
  last_error text,
  primary key (appointment_id, doctor_id)
);

create index calendar_intents_due on calendar_intents (next_attempt_at) where state = 'pending';
