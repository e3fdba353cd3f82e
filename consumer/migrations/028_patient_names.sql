-- For the doctors' mails.
alter table notification_visits add column patient_name text;
