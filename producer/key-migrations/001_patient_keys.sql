-- One key a patient. In a database of its own, so that no backup of messages has what opens them.
CREATE TABLE patient_keys (
  kid          uuid PRIMARY KEY,
  -- HMAC-SHA-256 of the address or number; forgotten with the key.
  patient      text,
  -- The key, encrypted under a master key (JWE); null once it is destroyed.
  wrapped      text,
  master       text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  destroyed_at timestamptz,
  CHECK ((destroyed_at IS NULL AND patient IS NOT NULL AND wrapped IS NOT NULL AND master IS NOT NULL)
    OR (destroyed_at IS NOT NULL AND patient IS NULL AND wrapped IS NULL AND master IS NULL))
);
CREATE UNIQUE INDEX patient_keys_of_patient ON patient_keys (patient);
CREATE INDEX patient_keys_of_master ON patient_keys (master, kid);
