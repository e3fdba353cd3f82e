-- A visit that was booked over another one, or outside the working hours, on purpose: it takes nobody's slot.
alter table availability_visits add column overbooked boolean not null default false;
