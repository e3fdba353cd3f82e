#!/bin/sh
# Prints Alertmanager's configuration, since it reads no variables by itself: page means now, ticket means today.
# ALERT_EMAIL_TO gets every alert, ALERT_WEBHOOK_URL those of severity page as well.
set -eu

: "${ALERT_EMAIL_TO:?set ALERT_EMAIL_TO: who is told of alerts}"
: "${ALERT_EMAIL_FROM:?set ALERT_EMAIL_FROM}"
: "${ALERT_SMTP_SMARTHOST:?set ALERT_SMTP_SMARTHOST: the host and port of a mail server}"

quoted() {
  printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"
}

cat <<END
global:
  smtp_smarthost: $(quoted "$ALERT_SMTP_SMARTHOST")
  smtp_from: $(quoted "$ALERT_EMAIL_FROM")
  smtp_require_tls: ${ALERT_SMTP_REQUIRE_TLS:-true}
END
if [ -n "${ALERT_SMTP_USERNAME:-}" ]; then
  cat <<END
  smtp_auth_username: $(quoted "$ALERT_SMTP_USERNAME")
  smtp_auth_password: $(quoted "${ALERT_SMTP_PASSWORD:-}")
END
fi
cat <<END
route:
  receiver: ticket
  group_by: [alertname]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 1d
  routes:
    - matchers: ['severity="page"']
      receiver: page
      group_wait: 10s
      repeat_interval: 1h
receivers:
  - name: ticket
    email_configs: &email
      - to: $(quoted "$ALERT_EMAIL_TO")
        send_resolved: true
END
if [ -n "${ALERT_SMTP_CA_FILE:-}" ]; then
  cat <<END
        tls_config: { ca_file: $(quoted "$ALERT_SMTP_CA_FILE") }
END
fi
cat <<END
  - name: page
    email_configs: *email
END
if [ -n "${ALERT_WEBHOOK_URL:-}" ]; then
  cat <<END
    webhook_configs:
      - url: $(quoted "$ALERT_WEBHOOK_URL")
END
fi
