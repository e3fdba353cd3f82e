-- The send ledger: what is to be said to whom, committed before it is said.
--   pending -> sending (under a lease) -> sent | failed | unknown;  back to pending when the other side took nothing
--   dropped: no longer wanted (a reminder of a visit that was moved, cancelled or has begun)
create table sends (
  id             bigint      generated always as identity primary key,
  event_key      text        not null,
  channel        text        not null check (channel in ('email', 'sms')),
  recipient      text        not null,
  template       text        not null,
  appointment_id uuid        not null,
  correlation_id text,
  content        jsonb       not null,
  state          text        not null default 'pending'
                 check (state in ('pending', 'sending', 'sent', 'failed', 'unknown', 'dropped')),
  -- times the other side put it off; an outage counts as none
  attempts       integer     not null default 0,
  due_at         timestamptz not null,
  expires_at     timestamptz,
  claim          uuid,
  lease_until    timestamptz,
  -- why it is in this state, and what the other side calls it
  reason         text,
  reference      text,
  settled_as     text        check (settled_as in ('sent', 'not-sent')),
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  unique (event_key, channel, recipient, template)
);

create index sends_due on sends (channel, due_at, id) where state = 'pending';
create index sends_open on sends (appointment_id, channel, recipient, id) where state in ('pending', 'sending');
create index sends_leases on sends (lease_until) where state = 'sending';
create index sends_expiring on sends (expires_at) where state = 'pending' and expires_at is not null;
create index sends_state on sends (state, channel);
