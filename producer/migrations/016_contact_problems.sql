-- What was not told about a visit, or can't be, as the notifications report it. What was cleared stays: a report that
-- comes again is known by it.
CREATE TABLE contact_problems (
  report_id      uuid        NOT NULL,
  appointment_id uuid        NOT NULL,
  channel        text        NOT NULL CHECK (channel IN ('email', 'sms')),
  recipient      text        NOT NULL CHECK (recipient IN ('patient', 'doctor')),
  notification   text,
  reason         text        NOT NULL,
  since          timestamptz NOT NULL,
  cleared_at     timestamptz,
  PRIMARY KEY (report_id, appointment_id)
);
CREATE INDEX contact_problems_of_appointment ON contact_problems (appointment_id);

-- Numbers that opted out or in again, by their reports: one that comes again changes nothing.
CREATE TABLE opt_out_reports (
  report_id   uuid        PRIMARY KEY,
  reported_at timestamptz NOT NULL
);
CREATE INDEX opt_out_reports_by_age ON opt_out_reports (reported_at);

-- Counts the changes of what is shown of them, which are no versions of the appointment.
ALTER TABLE appointments ADD COLUMN contact_revision integer NOT NULL DEFAULT 0;
-- A number is reported by its SHA-256.
CREATE INDEX appointments_of_phone_digest ON appointments (sha256(patient_phone::bytea)) WHERE patient_phone IS NOT NULL;

-- By a trigger, so that it holds for what an instance of the release before changes, too.
CREATE FUNCTION clear_contact_problems() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE contact_problems SET cleared_at = NEW.updated_at
  WHERE appointment_id = NEW.id AND cleared_at IS NULL AND (
    recipient = 'doctor' AND OLD.doctor_id <> NEW.doctor_id
    OR recipient = 'patient' AND channel = 'email' AND OLD.patient_email IS DISTINCT FROM NEW.patient_email
    OR recipient = 'patient' AND channel = 'sms' AND OLD.patient_phone IS DISTINCT FROM NEW.patient_phone
  );
  RETURN NULL;
END
$$;
CREATE TRIGGER appointments_clear_contact_problems
  AFTER UPDATE OF doctor_id, patient_email, patient_phone ON appointments FOR EACH ROW
  WHEN (
    OLD.doctor_id <> NEW.doctor_id
    OR OLD.patient_email IS DISTINCT FROM NEW.patient_email OR OLD.patient_phone IS DISTINCT FROM NEW.patient_phone
  )
  EXECUTE FUNCTION clear_contact_problems();
