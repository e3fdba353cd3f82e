-- The event that an entry was last wanted by, so that what comes of it can be followed back.
alter table calendar_intents add column event_key text;
