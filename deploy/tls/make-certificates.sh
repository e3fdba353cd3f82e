#!/bin/sh
# Makes an authority of the installation's own and a certificate for each server, with openssl:
#   make-certificates.sh FOLDER NAME[:UID[:HOST,HOST]] …
# FOLDER/authority has the authority with its key, FOLDER/NAME has ca.pem, server.pem and server-key.pem, for the hosts
# (NAME and localhost where none are given), readable by UID alone where that is given, which needs root. What is there stays, but
# for a certificate that ends within 30 days or is for other hosts: run it again, and restart what it is for.
set -eu
umask 077
folder=${1:?the folder to write to}
shift
renew_before=2592000
# 0 makes one that has ended at once, for a rehearsal.
days=${CERTIFICATE_DAYS:-397}

new_key() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$1.new"
  mv "$1.new" "$1"
}

# A server that runs as another user gets through to its own files.
[ -d "$folder" ] || mkdir -p -m 711 "$folder"
authority=$folder/authority
mkdir -p "$authority"
if [ ! -s "$authority/ca.pem" ] || [ ! -s "$authority/ca-key.pem" ]; then
  new_key "$authority/ca-key.pem"
  openssl req -x509 -new -sha256 -key "$authority/ca-key.pem" -days 3650 -subj "/CN=Appointments authority" \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign \
    -out "$authority/ca.pem"
fi

alternatives() { # host,host
  printf %s "$1" | tr , '\n' | sed 's/^[0-9.]*$/IP:&/; t; s/^/DNS:/' | paste -sd, -
}

is_current() { # directory hosts
  [ -s "$1/server.pem" ] && [ -s "$1/server-key.pem" ] && [ "$(cat "$1/hosts" 2>/dev/null)" = "$2" ] &&
    openssl x509 -in "$1/server.pem" -noout -checkend $renew_before >/dev/null &&
    openssl verify -CAfile "$authority/ca.pem" "$1/server.pem" >/dev/null 2>&1
}

for server in "$@"; do
  name=${server%%:*}
  rest=${server#"$name"}
  rest=${rest#:}
  uid=${rest%%:*}
  hosts=${rest#"$uid"}
  hosts=${hosts#:}
  hosts=${hosts:-$name,localhost}
  own=$folder/$name
  mkdir -p "$own"
  if ! is_current "$own" "$hosts"; then
    new_key "$own/server-key.pem"
    {
      echo basicConstraints=CA:FALSE
      echo keyUsage=digitalSignature
      echo extendedKeyUsage=serverAuth
      echo "subjectAltName=$(alternatives "$hosts")"
    } >"$own/extensions"
    openssl req -new -sha256 -key "$own/server-key.pem" -subj "/CN=$name" |
      openssl x509 -req -sha256 -days "$days" -CA "$authority/ca.pem" -CAkey "$authority/ca-key.pem" \
        -set_serial "0x01$(openssl rand -hex 16)" -extfile "$own/extensions" -out "$own/server.pem" 2>/dev/null
    printf %s "$hosts" >"$own/hosts"
    rm "$own/extensions"
    echo "$name: a certificate for $hosts"
  fi
  cp "$authority/ca.pem" "$own/ca.pem"
  chmod 755 "$own"
  chmod 644 "$own/ca.pem" "$own/server.pem"
  [ -z "$uid" ] || chown "$uid" "$own/server-key.pem"
done
