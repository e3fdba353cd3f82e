-- The other side has told that it has the message, whatever became of it: so where the sender was killed, it was taken.
ALTER TABLE sends ADD COLUMN taken_at timestamptz;
