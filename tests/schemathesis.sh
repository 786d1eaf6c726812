#!/bin/sh
# Sends what the OpenAPI document allows, and what it does not, to a real
# service, and holds the answers against the document: no failure of the
# service, every answer as described, bad input refused.
#
#   tests/schemathesis.sh [options of `schemathesis run`]
#
# It starts the service itself, on a home folder of its own. It needs an engine
# only for what asks one; without one those answers are 503, which the document
# allows.
set -eu

cd "$(dirname "$0")/.."
venv=target/schemathesis
if [ ! -x "$venv/bin/schemathesis" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet 'schemathesis>=4,<5'
fi
cargo build --quiet
runbay=$PWD/target/debug/runbay

home=$(mktemp -d)
service=
finish() {
    [ -z "$service" ] || kill "$service" 2>/dev/null || true
    [ -z "$service" ] || wait "$service" 2>/dev/null || true
    rm -rf "$home"
}
trap finish EXIT
trap 'exit 130' INT TERM

mkdir -p "$home/tasks/one"
echo 'print(1)' >"$home/tasks/one/main.py"
"$runbay" --home "$home" serve --bind 127.0.0.1:0 2>"$home/log" &
service=$!

# The service writes where it is, and the key of its owner, when it is ready.
door="$home/data/server.json"
tries=0
until [ -s "$door" ]; do
    kill -0 "$service" 2>/dev/null || { cat "$home/log" >&2; exit 1; }
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { echo "the service does not begin" >&2; exit 1; }
    sleep 0.1
done
field() { python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$door" "$1"; }
url=$(field url)
token=$(field token)

# Sessions and accounts would change who asks while the test goes on; streams
# do not end; the doctor takes seconds for each question.
"$venv/bin/schemathesis" run "$url/api/v1/openapi.json" \
    --url "$url" \
    --header "Authorization: Bearer $token" \
    --checks all \
    --exclude-checks ignored_auth,missing_required_header,unsupported_method,positive_data_acceptance \
    --exclude-path-regex '/(session|setup|users|tokens|me|doctor|prune|stream|events|ws|live)' \
    --max-examples "${SCHEMATHESIS_EXAMPLES:-30}" \
    "$@"
