-- What the gateway told of a text message after it had taken it, and when it is asked next after one that is unknown.
ALTER TABLE sends
  ADD COLUMN receipt    text CHECK (receipt IN ('delivered', 'undelivered')),
  ADD COLUMN receipt_at timestamptz,
  ADD COLUMN ask_at     timestamptz;

-- Numbers that asked for no more text messages. Their SHA-256 only: it is for no other use than not to write to them.
CREATE TABLE sms_opt_outs (
  number_hash  bytea       PRIMARY KEY,
  opted_out_at timestamptz NOT NULL
);
