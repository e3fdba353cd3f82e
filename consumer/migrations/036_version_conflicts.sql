-- Which event of an aggregate a job has handled under each version, and when that was told: after a restore the producer
-- gives a version out a second time. Null where the event has none, and where another event has taken its place.
ALTER TABLE inbox ADD COLUMN aggregate_version integer, ADD COLUMN told_at timestamptz(3);

-- What was handled before this was kept is known from the audit trail.
UPDATE inbox SET aggregate_version = first.version, told_at = first.occurred_at
FROM (
  SELECT DISTINCT ON (inbox.job, inbox.aggregate_id, told.version)
    inbox.job, inbox.event_key, told.version, told.occurred_at
  FROM inbox JOIN (
    SELECT lower(event_key) AS event_key, occurred_at, (detail ->> 'aggregateVersion')::integer AS version
    FROM audit_outcomes
    WHERE job = 'audit' AND action = 'recorded' AND detail ->> 'aggregateVersion' IS NOT NULL
  ) AS told ON told.event_key = inbox.event_key
  WHERE inbox.job <> 'audit'
  ORDER BY inbox.job, inbox.aggregate_id, told.version, inbox.processed_at
) AS first
WHERE inbox.job = first.job AND inbox.event_key = first.event_key;

CREATE UNIQUE INDEX inbox_versions ON inbox (job, aggregate_id, aggregate_version);

-- Events that came under a version which another event had, and what came after them: a person decides. A row is there
-- until its event has taken the other's place or was discarded.
CREATE TABLE version_conflicts (
  job               text        NOT NULL,
  aggregate_id      text        NOT NULL,
  aggregate_version integer     NOT NULL,
  event_key         text        NOT NULL,
  accepted_at       timestamptz,
  PRIMARY KEY (job, event_key)
);
CREATE INDEX version_conflicts_aggregate ON version_conflicts (job, aggregate_id, aggregate_version);
