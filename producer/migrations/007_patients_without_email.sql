ALTER TABLE appointments
  ALTER COLUMN patient_email DROP NOT NULL,
  ADD CONSTRAINT appointments_can_be_reached CHECK (patient_email IS NOT NULL OR patient_phone IS NOT NULL) NOT VALID;
