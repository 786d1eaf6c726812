#!/bin/bash
# A session with curl and nothing else, as a new user would have it: a task is
# made, run, watched live and put on a schedule, which is seen to fire; then the
# routes that other runners of scripts made usual, with name and password.
#
#   tests/api/session.sh
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/api/service.sh
. tests/api/service.sh
cargo build --quiet --locked
mkdir "$home/tasks"
start_service

U=$url/api/v1
H="Authorization: Bearer $token"
PASS='four horses eat batteries'

# holds TEXT PATTERN…: that the answer has it all.
holds() {
    local wanted
    for wanted in "${@:2}"; do
        grep -Eq -- "$wanted" <<<"$1" || {
            printf 'NOT OK: no %s in\n%s\n' "$wanted" "$1" >&2
            exit 1
        }
    done
}
# ask WORDS…: shows what is asked, and answers.
ask() {
    printf '$ curl %s\n' "$*" | sed "s#$url#…#g; s#Authorization: Bearer [^ ]*#…#" >&2
    curl -sS --fail-with-body "$@"
}

# A task, from text.
answer=$(ask -H "$H" "$U/tasks" --json '{"name": "greet", "files": {
    "main.py": {"text": "import os, time\nfor n in range(3):\n    print(\"hello\", os.environ[\"PARAM_NAME\"], n, flush=True)\n    time.sleep(0.5)\n"},
    "task.toml": {"text": "[params.name]\ntype = \"text\"\ndefault = \"you\"\n"}}}')
holds "$answer" '"name":"greet"' '"problems":\[\]'
holds "$(ask -H "$H" "$U/tasks")" '"name":"greet"'

# A run, watched from its first line to its end.
answer=$(ask -i -H "$H" "$U/tasks/greet/runs" --json '{"params": {"name": "Ada"}}')
holds "$answer" '^HTTP/1.1 202' '^location: /api/v1/runs/' '"state":"queued"'
run=$(grep -o '"id":"[0-9a-f]*"' <<<"$answer" | head -1 | cut -d'"' -f4)
live=$(ask -N --max-time 100 -H "$H" "$U/runs/$run/log/stream")
holds "$live" 'event: line' 'hello Ada 0' 'hello Ada 2' 'event: end' '"outcome":"succeeded"'
# From where somebody left off.
last=$(grep -B2 'hello Ada 1' <<<"$live" | grep -o '^id: .*' | cut -c5-)
rest=$(ask -N --max-time 100 -H "$H" -H "Last-Event-ID: $last" "$U/runs/$run/log/stream")
holds "$rest" 'hello Ada 2' 'event: end'
if grep -q 'hello Ada 1' <<<"$rest"; then exit 1; fi

# Run and wait, in one request; a mistake is named.
holds "$(ask -H "$H" -X POST "$U/tasks/greet/runs?wait=60")" '"outcome":"succeeded"'
holds "$(ask -H "$H" "$U/runs/last/log?tail=1")" 'hello you 2'
holds "$(curl -sS -H "$H" "$U/tasks/greet/runs" --json '{"params": {"nam": "x"}}')" '"status":422' '/params/nam'

# A schedule: what it means, then that it fires.
holds "$(ask -H "$H" "$U/schedules/preview" --json '{"schedule": {"when": "MON 08:00", "timezone": "Europe/Berlin"}}')" 'Monday'
holds "$(curl -sS -H "$H" "$U/schedules/preview" --json '{"schedule": {"when": "0 25 * * *"}}')" '"status":422' '/schedule/when'
holds "$(ask -H "$H" "$U/tasks/greet/schedules" --json '{"name": "often", "when": "@every 2s"}')" '"key":"often"'
for _ in $(seq 100); do
    fired=$(curl -sS -H "$H" "$U/runs?trigger=schedule&state=finished&limit=1")
    [[ $fired != *'"items":[]'* ]] && break
    sleep 0.2
done
holds "$fired" '"trigger":"schedule"' '"outcome":"succeeded"'
holds "$(ask -H "$H" "$U/slots?decision=ran&limit=1")" '"schedule":"often"' '"run":"'
ask -H "$H" -X POST "$U/tasks/greet/schedules/often/pause" --json '{"paused": true}' >/dev/null
ask -H "$H" -X DELETE "$U/tasks/greet/schedules/often"

# What happened, as it would have been told.
seq=$(curl -sS --max-time 2 -N -H "$H" "$U/events?topics=runs&after=0" || true)
holds "$seq" 'event: ready' '"task":"greet"'

# The usual routes, for a user with name and password.
ask -H "$H" "$U/users" --json "{\"name\": \"ada\", \"password\": \"$PASS\", \"role\": \"admin\"}" >/dev/null
S=$url/api/tasks
basic() { ask -u "ada:$PASS" "$@"; }
answer=$(basic "$S/")
holds "$answer" '"name":"greet"' '"id":[0-9]+'
n=$(grep -o '"id":[0-9]*' <<<"$answer" | head -1 | cut -d: -f2)
holds "$(basic "$S/$n/runs")" '"status":"succeeded"'
# curl -d says that its JSON is a form; people send it so.
holds "$(basic -X PUT "$S/$n/schedule" -d '{"schedule_type":"daily","schedule_config":"{\"hour\": 14, \"minute\": 30}"}')" \
    '"schedule_type":"daily"' '"hour":14' '"minute":30' 'T14:30|"next_run":"'
minute=$(date -u +%-M)
answer=$(basic -X PUT "$S/$n/schedule" -d '{"schedule_type":"hourly","schedule_config":{}}')
holds "$answer" '"schedule_type":"hourly"' "\"minute\":($minute|$(date -u +%-M))[,}]"
holds "$(basic -X PUT "$S/$n/schedule" -d '{"schedule_type":"weekly","schedule_config":{"day_of_week":"monday","hour":8,"minute":5}}')" \
    '"schedule_type":"weekly"' '"hour":8'
holds "$(basic -X PUT "$S/$n/schedule" -d '{"schedule_type":"custom","schedule_config":{"cron_expression":"*/5 * * * *"}}')" \
    '"schedule_type":"custom"' '\*/5 \* \* \* \*'
holds "$(curl -sS -u "ada:$PASS" -X PUT "$S/$n/schedule" -d '{"schedule_type":"custom","schedule_config":{"cron_expression":"99 * * * *"}}')" \
    '"status":422' 'schedule_config' 'did you mean'
holds "$(basic -X PUT "$S/$n/schedule" -d '{"schedule_type":"manual"}')" '"schedule_type":"manual"' '"next_run":null'
for list in environments requirements projects; do
    holds "$(basic "$S/$list")" '^\['
done
holds "$(basic -X POST "$S/validate-environment" -d '{"environment_path": "nothing"}')" 'false'
[ "$(curl -sS -o /dev/null -w '%{http_code}' -u 'ada:wrong password' "$S/")" = 401 ]
printf '\nThe session went as it should.\n'
