-- Where an entry is kept when it isn't the appointment's id, since a doctor's program stored the invitation under that.
alter table calendar_intents add column resource text;

-- Entries have a UID of their own from now on. Those of visits that are still to come are written anew, unless a person
-- decided to leave what the calendar has; where somebody else's change is found then, it is a conflict as ever.
update calendar_intents as intent set
  content = replace(content, 'UID:' || intent.appointment_id, 'UID:visit-' || intent.appointment_id),
  state = case when state = 'done' and written is distinct from content then state else 'pending' end,
  revision = revision + 1, attempts = 0, next_attempt_at = now()
from calendar_visits as visit
where visit.appointment_id = intent.appointment_id and intent.content is not null
  and (visit.ends_at > now() or intent.state = 'pending');
