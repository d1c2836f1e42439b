#!/bin/sh
# Secrets for compose.yaml, made at random: ./secrets.sh > .env, once. Whoever runs it again makes
# other ones, with which what is there can't be opened any more.
set -eu

umask 077
hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

echo "POSTGRES_PASSWORD=$(hex 24)"
echo "GARAGE_RPC_SECRET=$(hex 32)"
echo "GARAGE_ACCESS_KEY=GK$(hex 16)"
echo "GARAGE_SECRET_KEY=$(hex 32)"
echo "# Keys of the hosts that you use:"
echo "TOKEN360_API_KEY="
echo "POWERTOKENS_API_KEY="
