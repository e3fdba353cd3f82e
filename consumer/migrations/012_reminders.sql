-- The request that set a reminder, so that what comes of it can be followed back to it.
alter table notification_reminders add column correlation_id text;

-- Each event that moves or ends a visit looks for the reminders that it makes useless, whatever their state.
create index sends_reminders on sends (appointment_id) where template like '%-reminder';
