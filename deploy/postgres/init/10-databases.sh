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
