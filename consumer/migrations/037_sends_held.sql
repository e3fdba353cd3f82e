-- Claimed by a sender ahead of its turn: nothing of it has left, so that it goes back to pending when its lease runs out.
-- False for what an earlier release claims, which hands over at once.
alter table sends add column held boolean not null default false;
