-- Whose time is taken, and by what: a visit, or a hold until some moment. The constraint keeps all of them apart. Visits
-- from before this migration come in when a hold is wanted beside them, so that nothing is copied under a lock.
CREATE TABLE taken_times (
  id         uuid PRIMARY KEY,
  doctor_id  text COLLATE "C" NOT NULL,
  starts_at  timestamptz NOT NULL,
  ends_at    timestamptz NOT NULL CHECK (ends_at > starts_at),
  held_until timestamptz,
  CONSTRAINT times_are_taken_once
    EXCLUDE USING gist (doctor_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&)
);
CREATE INDEX taken_times_held ON taken_times (held_until) WHERE held_until IS NOT NULL;
CREATE INDEX taken_times_by_end ON taken_times (ends_at) WHERE held_until IS NULL;

-- A hold that has expired takes nothing: it goes before what comes in its place.
CREATE FUNCTION take_times() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM taken_times AS held USING visits_now AS visit
  WHERE held.held_until <= clock_timestamp() AND held.doctor_id = visit.doctor_id
    AND tstzrange(held.starts_at, held.ends_at, '[)') && tstzrange(visit.starts_at, visit.ends_at, '[)');
  INSERT INTO taken_times (id, doctor_id, starts_at, ends_at)
  SELECT id, doctor_id, starts_at, ends_at FROM visits_now
  WHERE status IN ('booked', 'arrived') AND NOT overbooked
  ON CONFLICT (id) DO NOTHING;
  RETURN NULL;
END
$$;

CREATE FUNCTION leave_times() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM taken_times WHERE held_until IS NULL AND id IN (SELECT id FROM visits_before);
  RETURN NULL;
END
$$;

CREATE FUNCTION leave_all_times() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM taken_times WHERE held_until IS NULL;
  RETURN NULL;
END
$$;

CREATE TRIGGER appointments_take_times AFTER INSERT ON appointments
  REFERENCING NEW TABLE AS visits_now FOR EACH STATEMENT EXECUTE FUNCTION take_times();
-- In the order of their names.
CREATE TRIGGER appointments_move_1_leave AFTER UPDATE ON appointments
  REFERENCING OLD TABLE AS visits_before FOR EACH STATEMENT EXECUTE FUNCTION leave_times();
CREATE TRIGGER appointments_move_2_take AFTER UPDATE ON appointments
  REFERENCING NEW TABLE AS visits_now FOR EACH STATEMENT EXECUTE FUNCTION take_times();
CREATE TRIGGER appointments_leave_times AFTER DELETE ON appointments
  REFERENCING OLD TABLE AS visits_before FOR EACH STATEMENT EXECUTE FUNCTION leave_times();
CREATE TRIGGER appointments_leave_all_times AFTER TRUNCATE ON appointments
  FOR EACH STATEMENT EXECUTE FUNCTION leave_all_times();
