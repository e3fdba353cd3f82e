#!/bin/sh
# The container's entry point: writes the configuration with what the environment says, then starts the server.
set -eu
umask 077

sh /etc/appointments/render-config.sh >/tmp/alertmanager.yml
exec /bin/alertmanager --config.file=/tmp/alertmanager.yml --storage.path=/alertmanager
