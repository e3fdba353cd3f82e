-- What happened and is not yet known to be on the broker.
CREATE TABLE outbox (
  id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id          uuid NOT NULL UNIQUE,
  event_name        text NOT NULL,
  aggregate_type    text NOT NULL,
  aggregate_id      text NOT NULL,
  aggregate_version integer NOT NULL,
  correlation_id    text NOT NULL,
  occurred_at       timestamptz NOT NULL,
  body              text NOT NULL,
  headers           jsonb NOT NULL,
  created_at        timestamptz NOT NULL DEFAULT now(),
  attempts          integer NOT NULL DEFAULT 0,
  last_attempt_at   timestamptz,
  last_error        text,
  UNIQUE (aggregate_type, aggregate_id, aggregate_version)
);
CREATE INDEX outbox_fresh ON outbox (id) WHERE last_error IS NULL;
CREATE INDEX outbox_failed ON outbox (last_attempt_at, id) WHERE last_error IS NOT NULL;

-- What the broker confirmed; the source of replays.
CREATE TABLE outbox_archive (
  position          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id          uuid NOT NULL UNIQUE,
  event_name        text NOT NULL,
  aggregate_type    text NOT NULL,
  aggregate_id      text NOT NULL,
  aggregate_version integer NOT NULL,
  correlation_id    text NOT NULL,
  occurred_at       timestamptz NOT NULL,
  body              text NOT NULL,
  headers           jsonb NOT NULL,
  published_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_archive_by_aggregate ON outbox_archive (aggregate_id, position);
CREATE INDEX outbox_archive_by_event_name ON outbox_archive (event_name, position);
CREATE INDEX outbox_archive_by_time ON outbox_archive (published_at, position);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'outbox_archive is append-only';
END
$$;
CREATE TRIGGER outbox_archive_is_append_only BEFORE UPDATE ON outbox_archive
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
