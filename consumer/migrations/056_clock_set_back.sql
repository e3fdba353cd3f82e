-- Finds what was written while a clock was ahead: its due time is to come for as long as the clock was wrong.
create index sends_written on sends (channel, updated_at) where state = 'pending';
