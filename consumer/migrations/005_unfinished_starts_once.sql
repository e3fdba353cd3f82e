-- A start whose note is written twice, because the first answer was lost, is one start.
alter table unfinished_starts add column last_start uuid;
