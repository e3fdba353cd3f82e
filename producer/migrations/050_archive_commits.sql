-- When an event was committed and how often the broker refused it, kept beyond its confirm; null for earlier ones.
ALTER TABLE outbox_archive ADD COLUMN created_at timestamptz, ADD COLUMN attempts integer;
