-- Jobs that an operator's command holds still; the lease ends a pause whose command was killed.
create table job_pauses (
  job         text        primary key,
  lease_until timestamptz not null
);
