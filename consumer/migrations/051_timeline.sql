-- Whoever asks what became of an appointment has one of these to ask with.
create index audit_outcomes_event on audit_outcomes (event_key, id);
create index audit_outcomes_correlation on audit_outcomes (correlation_id, id) where correlation_id is not null;
create index dead_letters_aggregate on dead_letters (aggregate_id, id) where aggregate_id is not null;
create index dead_letters_event on dead_letters (event_key, id);
create index dead_letters_correlation on dead_letters (correlation_id, id) where correlation_id is not null;
create index notification_visits_email on notification_visits (lower(patient_email));

-- The SHA-256 of what was handed over: of a mail all its bytes, of a text message its words.
alter table sends add column content_hash text;
