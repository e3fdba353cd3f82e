#!/bin/sh
# Runs once, on an empty data directory: a database and a role for each service, closed to the other.
set -eu

create_database() { # name password
  psql --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres --set=name="$1" --set=password="$2" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
}

create_database producer "$PRODUCER_DATABASE_PASSWORD"
create_database consumer "$CONSUMER_DATABASE_PASSWORD"

# Owns the tables of the audit trail, so that the role of the jobs can only add to them.
[ -n "${CONSUMER_AUDIT_DATABASE_PASSWORD:-}" ] || exit 0
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
  --set=password="$CONSUMER_AUDIT_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE consumer_audit LOGIN PASSWORD :'password' IN ROLE consumer;
SQL
