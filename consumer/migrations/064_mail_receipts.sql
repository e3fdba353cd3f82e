-- The other side has told that it has the message, whatever became of it: so where the sender was killed, it was taken.
ALTER TABLE sends ADD COLUMN taken_at timestamptz;

-- What a notification of a mail's delivery calls its hand-over (RFC 3461, 4.4); one that is sent again gets another.
ALTER TABLE sends ADD COLUMN envelope uuid;
