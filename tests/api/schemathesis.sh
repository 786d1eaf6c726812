#!/bin/sh
# Sends what the OpenAPI document allows, and what it does not, to a real
# service on a real engine, and holds the answers against the document: no
# failure of the service, every answer as described, bad input refused, nobody
# let in who is not known. All checks are on but one, which looks for what was
# made in the wrong place: the build of a task that has none yet, users by number
# instead of their names. schemathesis.toml says where the
# document cannot tell all that is asked, and why.
#
#   tests/api/schemathesis.sh [options of `schemathesis run`]
#
# The same requests are made up each time, so that a failure belongs to the
# change that is tested; `--seed N` makes up others.
set -eu

cd "$(dirname "$0")/../.."
# shellcheck source=tests/api/service.sh
. tests/api/service.sh
python_with 'schemathesis==4.32.5'
cargo build --quiet --locked

# Connections come from many addresses (hooks.py): else the service would slow
# down who guesses at passwords all the time, as it should.
mkdir -p "$home/tasks/one" "$home/tasks/two"
tee "$home/tasks/one/main.py" >"$home/tasks/two/main.py" <<'PY'
import os, pathlib
pathlib.Path(os.environ["RUNBAY_ARTIFACTS"], "kept.txt").write_text("kept")
pathlib.Path(os.environ["RUNBAY_RESULT"]).write_text("[1]")
print("done")
PY
printf '[[schedules]]\nname = "nightly"\nwhen = "03:00"\n' |
    tee "$home/tasks/one/task.toml" >"$home/tasks/two/task.toml"
printf '[limits]\ntimeout = "20s"\n' >"$home/runbay.toml"
start_service
# What the names in schemathesis.toml stand for.
curl -fsS -o "$home/answer" -H "Authorization: Bearer $token" --json \
    '{"name": "ada", "password": "four horses eat batteries", "role": "viewer"}' "$url/api/v1/users"
curl -fsS -o "$home/answer" -H "Authorization: Bearer $token" -X POST "$url/api/v1/tasks/one/runs?wait=60"

top=$PWD
cd tests/api
"$target/python-tools/bin/schemathesis" run "$url/api/v1/openapi.json" \
    --url "$url" \
    --header "Authorization: Bearer $token" \
    --checks all --exclude-checks ensure_resource_availability \
    --seed 1 \
    "$@"
cd "$top"

# What it was made to do must not have made it stumble.
if grep -q 'panicked' "$home/log"; then
    cat "$home/log" >&2
    exit 1
fi
