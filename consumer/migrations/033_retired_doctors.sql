-- A doctor who takes no visits any more has no free slots.
alter table availability_doctors add column retired boolean not null default false;
