-- What the producer is to be told of whom nothing reaches: a send that failed or was dropped because its number wants
-- none, and numbers that opted out or in again. A report's id is the notification's, or the opting out's, in the contract.
CREATE TABLE contact_reports (
  id          uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  -- The order among those of one number.
  place       bigint      GENERATED ALWAYS AS IDENTITY,
  send_id     bigint      UNIQUE,
  number_hash bytea,
  opted_out   boolean,
  happened_at timestamptz NOT NULL,
  -- not_needed: it was no longer so, or the producer knows no such appointment
  state       text        NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'told', 'not_needed')),
  attempts    integer     NOT NULL DEFAULT 0,
  due_at      timestamptz NOT NULL,
  claim       uuid,
  lease_until timestamptz,
  reason      text,
  updated_at  timestamptz NOT NULL,
  CHECK ((send_id IS NULL) = (number_hash IS NOT NULL AND opted_out IS NOT NULL))
);
CREATE INDEX contact_reports_due ON contact_reports (due_at, place) WHERE state = 'pending';
CREATE INDEX contact_reports_leases ON contact_reports (lease_until) WHERE state = 'sending';
CREATE INDEX contact_reports_of_number ON contact_reports (number_hash, place) WHERE state IN ('pending', 'sending');
CREATE INDEX contact_reports_by_age ON contact_reports (happened_at);

-- By triggers: whoever lets a send fail, on whatever channel, or notes an opting out, is heard in the same transaction.
CREATE FUNCTION report_send() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO contact_reports (send_id, happened_at, due_at, updated_at)
  VALUES (NEW.id, NEW.updated_at, NEW.updated_at, NEW.updated_at)
  -- It failed, was handed over again before that was told, and failed again.
  ON CONFLICT (send_id) DO UPDATE SET
    state = 'pending', happened_at = excluded.happened_at, due_at = excluded.due_at, updated_at = excluded.updated_at,
    reason = NULL
  WHERE contact_reports.state = 'not_needed';
  RETURN NULL;
END
$$;
CREATE TRIGGER sends_report AFTER UPDATE OF state ON sends FOR EACH ROW
  WHEN (
    OLD.state <> NEW.state
    AND (NEW.state = 'failed' OR (NEW.state = 'dropped' AND NEW.reason = 'the number wants no text messages'))
  )
  EXECUTE FUNCTION report_send();

CREATE FUNCTION report_opt_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO contact_reports (number_hash, opted_out, happened_at, due_at, updated_at)
    VALUES (NEW.number_hash, true, NEW.opted_out_at, NEW.opted_out_at, NEW.opted_out_at);
  ELSE
    INSERT INTO contact_reports (number_hash, opted_out, happened_at, due_at, updated_at)
    VALUES (OLD.number_hash, false, now(), now(), now());
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER sms_opt_outs_report AFTER INSERT OR DELETE ON sms_opt_outs FOR EACH ROW EXECUTE FUNCTION report_opt_out();
