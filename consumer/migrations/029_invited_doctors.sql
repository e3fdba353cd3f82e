-- Which doctors were sent an invitation to a visit, for those whose calendars are written since.
create index sends_invited_doctors on sends (appointment_id)
  where channel = 'email' and template in ('doctor-booked', 'doctor-moved') and content -> 'calendarWritten' is null;
