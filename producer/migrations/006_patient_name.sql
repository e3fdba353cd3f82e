ALTER TABLE appointments ADD COLUMN patient_name text;
