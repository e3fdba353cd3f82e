-- Pages in the order in which appointments were made.
CREATE INDEX appointments_by_creation ON appointments (created_at, id);
CREATE INDEX appointments_of_doctor_by_creation ON appointments (doctor_id, created_at, id);
CREATE INDEX appointments_in_status_by_creation ON appointments (status, created_at, id);
