-- What the notifications job knows of doctors and visits, from events alone.
create table notification_doctors (
  doctor_id text        primary key,
  version   integer,
  at        timestamptz not null,
  name      text        not null,
  email     text        not null,
  phone     text,
  time_zone text        not null
);

create table notification_visits (
  appointment_id   uuid        primary key,
  version          integer,
  at               timestamptz not null,
  -- iCalendar SEQUENCE of the last invitation
  sequence         integer     not null,
  status           text        not null check (status in ('booked', 'arrived', 'completed', 'no_show', 'cancelled')),
  doctor_id        text        not null references notification_doctors,
  starts_at        timestamptz not null,
  duration_minutes integer     not null,
  time_zone        text        not null,
  patient_email    text        not null,
  patient_phone    text,
  locale           text
);

-- Reminders that have not fired. One that fires becomes rows of the send ledger and disappears here.
create table notification_reminders (
  appointment_id uuid        not null references notification_visits,
  lead_minutes   integer     not null,
  due_at         timestamptz not null,
  primary key (appointment_id, lead_minutes)
);

create index notification_reminders_due on notification_reminders (due_at);
