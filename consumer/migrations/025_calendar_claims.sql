-- Whose lease it is: a writer that was stopped for longer must not record its old answer over a newer one.
alter table calendar_intents add column claim uuid;
