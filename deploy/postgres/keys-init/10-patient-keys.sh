#!/bin/sh
# Runs once, on an empty data directory: the database of patients' keys, which the producer writes and the consumer reads.
set -eu

psql --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
  --set=producer="$PRODUCER_PATIENT_KEYS_PASSWORD" --set=consumer="$CONSUMER_PATIENT_KEYS_PASSWORD" <<'SQL'
CREATE ROLE producer LOGIN PASSWORD :'producer';
CREATE ROLE consumer LOGIN PASSWORD :'consumer';
CREATE DATABASE patient_keys OWNER producer;
\connect patient_keys
REVOKE ALL ON DATABASE patient_keys FROM PUBLIC;
GRANT CONNECT ON DATABASE patient_keys TO consumer;
GRANT USAGE ON SCHEMA public TO consumer;
ALTER DEFAULT PRIVILEGES FOR ROLE producer GRANT SELECT ON TABLES TO consumer;
SQL
