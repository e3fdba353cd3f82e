-- How many unsettled dead letters there are of each job, reason and cause: to count a hundred thousand takes longer than a
-- page may. Each change adds rows, so that nobody waits for anybody; now and then they are added up.
create table dead_letter_counts (
  id     bigint generated always as identity primary key,
  job    text   not null,
  reason text   not null,
  cause  text   not null,
  delta  bigint not null
);

insert into dead_letter_counts (job, reason, cause, delta)
select job, reason, cause, count(*) from dead_letters where state = 'stored' group by job, reason, cause;

create function count_dead_letters() returns trigger language plpgsql as $$
begin
  if tg_op = 'TRUNCATE' then
    delete from dead_letter_counts;
    return null;
  end if;
  if tg_op in ('INSERT', 'UPDATE') then
    insert into dead_letter_counts (job, reason, cause, delta)
    select job, reason, cause, count(*) from after_change where state = 'stored' group by job, reason, cause;
  end if;
  if tg_op in ('DELETE', 'UPDATE') then
    insert into dead_letter_counts (job, reason, cause, delta)
    select job, reason, cause, -count(*) from before_change where state = 'stored' group by job, reason, cause;
  end if;
  return null;
end
$$;

create trigger dead_letters_inserted after insert on dead_letters
  referencing new table as after_change for each statement execute function count_dead_letters();
create trigger dead_letters_updated after update on dead_letters
  referencing old table as before_change new table as after_change for each statement execute function count_dead_letters();
create trigger dead_letters_deleted after delete on dead_letters
  referencing old table as before_change for each statement execute function count_dead_letters();
create trigger dead_letters_truncated after truncate on dead_letters
  for each statement execute function count_dead_letters();
