-- Pages of what waits, by time and by type, also while a million events do.
CREATE INDEX outbox_by_time ON outbox (created_at, id);
CREATE INDEX outbox_by_event_name ON outbox (event_name, id);
