-- The other side has told that it has the message, whatever became of it: so where the sender was killed, it was taken.
ALTER TABLE sends ADD COLUMN taken_at timestamptz;

-- What a notification of a mail's delivery calls its hand-over (RFC 3461, 4.4); one that is sent again gets another.
ALTER TABLE sends ADD COLUMN envelope uuid;

-- A notification of a server that keeps no such name is found by its recipient.
CREATE INDEX sends_mail_recipients ON sends (lower(recipient)) WHERE channel = 'email';

-- How far a mailbox of bounces has been read, and when it is read next; a process that reads it has it until then.
CREATE TABLE bounce_mailboxes (
  mailbox      text        PRIMARY KEY,
  uid_validity bigint      NOT NULL DEFAULT 0,
  last_uid     bigint      NOT NULL DEFAULT 0,
  check_at     timestamptz NOT NULL
);
