-- Since when nothing of the patient is kept any more; such a visit reaches nobody.
ALTER TABLE appointments
  ADD COLUMN erased_at timestamptz,
  DROP CONSTRAINT appointments_can_be_reached,
  ADD CONSTRAINT appointments_can_be_reached
    CHECK (patient_email IS NOT NULL OR patient_phone IS NOT NULL OR erased_at IS NOT NULL) NOT VALID;
CREATE INDEX appointments_of_phone ON appointments (patient_phone) WHERE patient_phone IS NOT NULL;
-- For the retention of appointments and of doctors.
CREATE INDEX appointments_by_end ON appointments (ends_at, id);
CREATE INDEX doctors_by_retirement ON doctors (retired_at) WHERE retired_at IS NOT NULL;

-- The archive takes one change: the body of an event loses what it says of the patient, once.
ALTER TABLE outbox_archive ADD COLUMN erased_at timestamptz;
CREATE FUNCTION refuse_all_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL
    AND to_jsonb(OLD) - '{body,erased_at}'::text[] = to_jsonb(NEW) - '{body,erased_at}'::text[] THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'outbox_archive is append-only';
END
$$;
DROP TRIGGER outbox_archive_is_append_only ON outbox_archive;
CREATE TRIGGER outbox_archive_is_append_only BEFORE UPDATE ON outbox_archive
  FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasure();
DROP FUNCTION refuse_change();
