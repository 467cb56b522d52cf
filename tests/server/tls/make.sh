#!/bin/sh
# Certificates for the tests, valid for a hundred years.  The keys protect nothing.
set -e
new_ca() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj "/CN=$2" \
    -addext "basicConstraints=critical,CA:TRUE" -keyout "$1.key" -out "$1.pem"
}
new_leaf() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days "$2" -extfile "$1.ext" -out "$1.pem"
  rm "$1.csr" "$1.ext"
}
new_ca ca "A2FBridge tests"
new_ca stranger "A stranger"
new_leaf server 36500
new_leaf client 36500
rm -f ca.key ca.srl
