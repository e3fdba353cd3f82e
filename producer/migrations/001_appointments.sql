CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE doctors (
  id            text COLLATE "C" PRIMARY KEY,
  version       integer NOT NULL CHECK (version >= 1),
  name          text NOT NULL,
  email         text NOT NULL,
  phone         text,
  time_zone     text NOT NULL,
  working_hours jsonb NOT NULL,
  exceptions    jsonb NOT NULL,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL
);

CREATE TABLE appointments (
  id            uuid PRIMARY KEY,
  version       integer NOT NULL CHECK (version >= 1),
  status        text NOT NULL CHECK (status IN ('booked', 'arrived', 'fulfilled', 'cancelled', 'noshow')),
  doctor_id     text COLLATE "C" NOT NULL REFERENCES doctors,
  starts_at     timestamptz NOT NULL,
  ends_at       timestamptz NOT NULL CHECK (ends_at > starts_at),
  time_zone     text NOT NULL,
  patient_email text NOT NULL,
  patient_phone text,
  locale        text,
  overbooked    boolean NOT NULL,
  cancelled_by  text,
  reason_code   text,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  CONSTRAINT appointments_do_not_overlap
    EXCLUDE USING gist (doctor_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&)
    WHERE (status IN ('booked', 'arrived') AND NOT overbooked)
);
