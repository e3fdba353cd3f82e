#!/bin/sh
# Prints definitions.json with each user's password hash, made from RABBITMQ_<USER>_PASSWORD.
# A hash is base64(salt, SHA-256(salt, password)): https://www.rabbitmq.com/docs/passwords#this-is-the-algorithm
set -eu

bytes() { # hexadecimal digits on stdin, raw bytes on stdout
  while read -r pair; do printf "\\$(printf %03o "0x$pair")"; done
}

hash_password() {
  salt=$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')
  digest=$({ printf %s "$salt" | fold -w2 | sed '$s/$/\n/' | bytes; printf %s "$1"; } | sha256sum | cut -c1-64)
  printf %s "$salt$digest" | fold -w2 | sed '$s/$/\n/' | bytes | base64 -w0
}

admin=$(hash_password "${RABBITMQ_ADMIN_PASSWORD:?}")
producer=$(hash_password "${RABBITMQ_PRODUCER_PASSWORD:?}")
consumer=$(hash_password "${RABBITMQ_CONSUMER_PASSWORD:?}")

sed -e "s|@RABBITMQ_ADMIN_PASSWORD_HASH@|$admin|" \
  -e "s|@RABBITMQ_PRODUCER_PASSWORD_HASH@|$producer|" \
  -e "s|@RABBITMQ_CONSUMER_PASSWORD_HASH@|$consumer|" "$(dirname "$0")/definitions.json"
