-- The appointments of erased patients: nothing of the patient is kept from what still comes of them.
create table erased_appointments (
  appointment_id text        primary key,
  erased_at      timestamptz not null
);
create index erased_appointments_erased_at on erased_appointments (erased_at);

-- Their entries name no appointment any more.
alter table calendar_visits add column erased boolean not null default false;

-- What was said in a message may be forgotten sooner than that it was sent.
alter table sends add column content_forgotten boolean not null default false;
create index sends_forgettable on sends (updated_at) where state in ('sent', 'dropped') and not content_forgotten;
