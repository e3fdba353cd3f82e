-- Which key an event of outbox or archive needs, and whom it tells of (HMACs), for erasing and for retiring keys.
CREATE TABLE encrypted_events (
  event_id     uuid PRIMARY KEY,
  aggregate_id text NOT NULL,
  key_id       uuid NOT NULL,
  told_of      text[] NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX encrypted_events_of_aggregate ON encrypted_events (aggregate_id);
CREATE INDEX encrypted_events_of_key ON encrypted_events (key_id);
CREATE INDEX encrypted_events_by_age ON encrypted_events (created_at);
CREATE INDEX encrypted_events_told_of ON encrypted_events USING gin (told_of);
