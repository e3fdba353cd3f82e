#!/bin/sh
# The container's entry point: writes the definitions with the passwords of the environment, then starts the server.
set -eu
umask 077
here=$(dirname "$0")

sh "$here/render-definitions.sh" > /var/lib/rabbitmq/definitions.json
if [ -n "${RABBITMQ_COOKIE:-}" ]; then
  rm -f /var/lib/rabbitmq/.erlang.cookie
  printf %s "$RABBITMQ_COOKIE" > /var/lib/rabbitmq/.erlang.cookie
  chmod 400 /var/lib/rabbitmq/.erlang.cookie
fi
# The image's own entry point hands /var/lib/rabbitmq to its user and drops root.
exec docker-entrypoint.sh rabbitmq-server
