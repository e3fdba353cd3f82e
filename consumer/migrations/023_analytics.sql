-- One row a booking; what is counted is derived, so nothing can drift from the rows.
create table analytics_bookings (
  appointment_id uuid primary key,
  doctor_id text not null,
  booked_at timestamptz(3) not null,
  starts_at timestamptz(3) not null
);

create index analytics_bookings_booked_at on analytics_bookings (booked_at);

-- `day` is the day of the booking in UTC; `lead_days` is how many whole days before the visit it was made.
create view analytics_counts as
select day, doctor_id, lead_days, count(*)::integer as bookings
from (
  select
    (booked_at at time zone 'UTC')::date as day,
    doctor_id,
    greatest(0, floor(extract(epoch from starts_at - booked_at) / 86400))::integer as lead_days
  from analytics_bookings
) as booking
group by day, doctor_id, lead_days;
