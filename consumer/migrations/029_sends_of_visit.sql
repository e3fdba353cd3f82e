-- A recipient that the patient took back looks for all that was ever to be said there about the visit.
create index sends_of_visit on sends (appointment_id);
