-- One index for each way to page through the appointments; a page is read from where the one before ended.
CREATE INDEX appointments_by_start ON appointments (starts_at, id);
CREATE INDEX appointments_by_update ON appointments (updated_at, id);
CREATE INDEX appointments_of_doctor_by_start ON appointments (doctor_id, starts_at, id);
CREATE INDEX appointments_of_doctor_by_update ON appointments (doctor_id, updated_at, id);
CREATE INDEX appointments_of_patient_by_start ON appointments (lower(patient_email), starts_at, id);
CREATE INDEX appointments_of_patient_by_update ON appointments (lower(patient_email), updated_at, id);
CREATE INDEX appointments_in_status_by_start ON appointments (status, starts_at, id);
CREATE INDEX appointments_in_status_by_update ON appointments (status, updated_at, id);
