-- The caller's own id and notes. No event tells of them, so a change of them alone counts in `revision`: `version` stays
-- the version of the last event, also for an instance of an earlier release that is still at work.
ALTER TABLE appointments
  ADD COLUMN reference text,
  ADD COLUMN metadata  jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN revision  integer NOT NULL DEFAULT 0 CHECK (revision >= 0);

CREATE INDEX appointments_of_reference_by_start ON appointments (reference, starts_at, id) WHERE reference IS NOT NULL;
CREATE INDEX appointments_of_reference_by_update ON appointments (reference, updated_at, id) WHERE reference IS NOT NULL;
