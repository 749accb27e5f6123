#!/bin/sh
# Makes the certificates beside it, valid from 2020 to 2120: an authority, a server on loopback, and two clients.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
: >"$work/index"
echo 01 >"$work/serial"
cat >"$work/config" <<END
[ca]
default_ca = test
[test]
new_certs_dir = $work
database = $work/index
serial = $work/serial
default_md = sha256
policy = any
[any]
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
[server]
subjectAltName = DNS:localhost,DNS:collector.test,IP:127.0.0.1
[client]
extendedKeyUsage = clientAuth
END
# make NAME EXTENSIONS SIGNING-OPTION…
make() {
  name=$1 extensions=$2
  shift 2
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" \
    -keyout "$name.key" -out "$work/request" 2>"$work/log" || cat "$work/log" >&2
  openssl ca -batch -notext -config "$work/config" -extensions "$extensions" -in "$work/request" -out "$name.crt" \
    -startdate 20200101000000Z -enddate 21200101000000Z "$@" 2>"$work/log" || cat "$work/log" >&2
}
make authority authority -selfsign -keyfile authority.key
for name in server client client-renewed; do
  make "$name" "${name%-renewed}" -cert authority.crt -keyfile authority.key
done
rm authority.key
