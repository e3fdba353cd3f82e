-- What the gauges count and measure: only what is not finished, so that they cost the same however long the ledger is.
create index sends_unfinished on sends (channel, state, created_at)
  where state in ('pending', 'sending', 'failed', 'unknown') and settled_as is null;

-- Since when an entry has been wanted that the calendar doesn't have. `off`: no calendars are written here.
alter table calendar_intents add column wanted_at timestamptz not null default now();
alter table calendar_intents drop constraint calendar_intents_state_check;
alter table calendar_intents add constraint calendar_intents_state_check
  check (state in ('pending', 'done', 'conflict', 'failed', 'off'));
create index calendar_intents_unfinished on calendar_intents (state, wanted_at)
  where state in ('pending', 'conflict', 'failed');
