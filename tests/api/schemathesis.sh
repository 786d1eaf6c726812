#!/bin/sh
# Sends what the OpenAPI document allows, and what it does not, to a real
# service on a real engine, and holds the answers against the document: no
# failure of the service, every answer as described, bad input refused, nobody
# let in who is not known. All checks are on; schemathesis.toml says where the
# document cannot tell all that is asked, and why.
#
#   tests/api/schemathesis.sh [options of `schemathesis run`]
set -eu

cd "$(dirname "$0")/../.."
. tests/api/service.sh
python_with 'schemathesis==4.32.5'
cargo build --quiet --locked

# Connections come from many addresses (hooks.py): else the service would slow
# down who guesses at passwords all the time, as it should.
mkdir -p "$home/tasks/one" "$home/tasks/two"
echo 'print(1)' | tee "$home/tasks/one/main.py" >"$home/tasks/two/main.py"
printf '[limits]\ntimeout = "20s"\n' >"$home/runbay.toml"
start_service

top=$PWD
cd tests/api
"$top/target/python-tools/bin/schemathesis" run "$url/api/v1/openapi.json" \
    --url "$url" \
    --header "Authorization: Bearer $token" \
    --checks all \
    "$@"
cd "$top"

# What it was made to do must not have made it stumble.
if grep -q 'panicked' "$home/log"; then
    cat "$home/log" >&2
    exit 1
fi
