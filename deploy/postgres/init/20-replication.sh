#!/bin/sh
# Lets a standby follow, where docker-compose.ha.yml gives its role a password.
set -eu
[ -n "${POSTGRES_REPLICATION_PASSWORD:-}" ] || exit 0

psql --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres --set=password="$POSTGRES_REPLICATION_PASSWORD" <<'SQL'
CREATE ROLE standby LOGIN REPLICATION PASSWORD :'password';
SELECT pg_create_physical_replication_slot('standby');
SQL
echo 'host replication standby all scram-sha-256' >> "$PGDATA/pg_hba.conf"
