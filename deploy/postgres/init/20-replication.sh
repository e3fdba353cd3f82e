#!/bin/sh
# Lets a standby follow, where docker-compose.ha.yml gives its role a password. Runs by itself on an empty data
# directory; on an older one run it by hand (deploy/README.md). Doing it again changes nothing but the password.
set -eu
[ -n "${POSTGRES_REPLICATION_PASSWORD:-}" ] || exit 0

psql --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres --set=password="$POSTGRES_REPLICATION_PASSWORD" <<'SQL'
SELECT 'CREATE ROLE standby LOGIN REPLICATION' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'standby') \gexec
ALTER ROLE standby PASSWORD :'password';
SELECT pg_create_physical_replication_slot('standby')
WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'standby');
SQL
rule='host replication standby all scram-sha-256'
grep -qxF "$rule" "$PGDATA/pg_hba.conf" || echo "$rule" >> "$PGDATA/pg_hba.conf"
psql --no-psqlrc --username=postgres --dbname=postgres --command='SELECT pg_reload_conf()'
