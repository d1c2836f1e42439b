#!/bin/sh
# Secrets for compose.yaml, made at random, in a folder beside this file: ./secrets.sh, once. Where that
# is there it does nothing: with other ones, what they have locked can't be opened any more.
#
# Nobody but you can enter the folder. Of its files, those that are mounted can be read by everybody
# who can get there: containers have users of their own. What Compose itself reads is yours alone.
set -eu

cd "$(dirname "$0")"
umask 077
mkdir secrets

hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }
mounted() { printf '%s' "$2" > "secrets/$1" && chmod 644 "secrets/$1"; }

password=$(hex 24)
mounted postgres-password "$password"
mounted store-url "postgresql://gateway:$password@postgres/gateway"

access_key=GK$(hex 16)
secret_key=$(hex 32)
mounted s3-access-key "$access_key"
mounted s3-secret-key "$secret_key"
cat > secrets/garage.env <<END
GARAGE_RPC_SECRET=$(hex 32)
GARAGE_DEFAULT_ACCESS_KEY=$access_key
GARAGE_DEFAULT_SECRET_KEY=$secret_key
END

# Keys of the hosts that you use; an empty one is none.
mounted token360 ""
mounted powertokens ""
