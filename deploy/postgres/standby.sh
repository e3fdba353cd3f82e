#!/bin/sh
# A hot standby: copies the primary once, then follows it. Promote it with `SELECT pg_promote()`.
# PGPASSWORD is the password of the role "standby"; --write-recovery-conf keeps it for later starts.
set -eu

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  pg_basebackup --host="${PRIMARY_HOST:-postgres}" --port="${PRIMARY_PORT:-5432}" --username=standby \
    --pgdata="$PGDATA" --wal-method=stream --slot=standby --write-recovery-conf
  chmod 700 "$PGDATA"
fi
exec postgres "$@"
