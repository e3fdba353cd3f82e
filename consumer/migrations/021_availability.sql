-- A doctor's hours, as the newest doctor.updated told them.
create table availability_doctors (
  doctor_id text primary key,
  time_zone text not null,
  working_hours jsonb not null,
  exceptions jsonb not null,
  version integer,
  updated_at timestamptz(3) not null
);

-- A visit's place and its status arrive in any order, so each carries the position of the event that set it.
create table availability_visits (
  appointment_id uuid primary key,
  doctor_id text,
  starts_at timestamptz(3),
  ends_at timestamptz(3),
  place_version integer,
  place_at timestamptz(3),
  status text check (status in ('booked', 'arrived', 'completed', 'no_show', 'cancelled')),
  status_version integer,
  status_at timestamptz(3)
);

create index availability_visits_busy on availability_visits (doctor_id, starts_at)
  where status in ('booked', 'arrived');
