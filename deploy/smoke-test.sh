#!/bin/sh
# Books one visit in the running compose project (deploy/local.env) and waits until both e-mails are in Mailpit.
# The authority of the project's certificates: docker compose cp producer:/run/secrets/tls/ca.pem ca.pem
set -eu
api=${API:-https://localhost:3000}
ca=${CA:-ca.pem}
mail=${MAIL:-http://127.0.0.1:8025}

call() { # method path body
  curl --silent --show-error --fail-with-body --cacert "$ca" --request "$1" "$api$2" \
    --header 'X-API-Key: local-reception' --header 'Content-Type: application/json' --data "$3"
}

call PUT /v1/doctors/dr-smoke \
  '{"name":"Sam Smoke","email":"dr-smoke@example.org","timeZone":"UTC","workingHours":[],"exceptions":[]}' >/dev/null
day=$(date -u -d '+2 days' +%Y-%m-%d)
id=$(call POST /v1/appointments \
  "{\"patientEmail\":\"smoke@example.org\",\"doctorId\":\"dr-smoke\",\"appointmentDate\":\"${day}T10:00:00Z\"}" |
  sed 's/.*"id":"\([^"]*\)".*/\1/')

for _ in $(seq 60); do
  count=$(curl --silent "$mail/api/v1/messages" | grep -o '"smoke@example.org"\|"dr-smoke@example.org"' | sort -u | wc -l)
  [ "$count" = 2 ] && echo "booked $id; patient and doctor have their e-mails" && exit 0
  sleep 1
done
echo "booked $id, but only $count of 2 e-mails came" >&2
exit 1
