#!/bin/bash
# The first hour of somebody who does not believe us: what a sceptic would try
# on a service that was just installed, in that order, against a real engine.
# Each line of the output is something tried; the first that goes otherwise
# than it should ends the script with 1.
#
#   tests/first_hour.sh
set -euo pipefail

cd "$(dirname "$0")/.."
# shellcheck source=tests/api/service.sh
. tests/api/service.sh
cargo build --quiet --locked
runbay=${CARGO_TARGET_DIR:-target}/debug/runbay

heading() { printf '\n== %s\n' "$*"; }

# is WHAT GOT WANTED…: holds if the answer is one of those wanted.
is() {
    local what=$1 got=$2 wanted
    for wanted in "${@:3}"; do
        # shellcheck disable=SC2053 # patterns are meant
        [[ $got == $wanted ]] && { printf '  ok  %s: %s\n' "$what" "${got:0:60}"; return; }
    done
    printf 'NOT OK  %s: %s\n        wanted: %s\n' "$what" "$got" "${*:3}" >&2
    [ ! -s "$home/answer" ] || { head -c 600 "$home/answer"; echo; } >&2
    exit 1
}

# try METHOD PATH [of curl…]: the status; the body is in $home/answer.
try() {
    : >"$home/answer"
    curl -sS --path-as-is --max-time 100 -o "$home/answer" -w '%{http_code}' -X "$1" "$url$2" "${@:3}" || true
}
owner() { try "$@" -H "Authorization: Bearer $token"; }
answer() { cat "$home/answer"; }
# get EXPRESSION: of the answer, as Python sees it.
get() { python3 -c 'import json,sys; a=json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$home/answer" "$1"; }
# task NAME: makes one of the script on stdin.
task() {
    mkdir -p "$home/tasks/$1"
    cat >"$home/tasks/$1/main.py"
}
# log RUN: what its script wrote.
log() {
    is 'its log' "$(owner GET "/api/v1/runs/$1/log/raw")" 200
    answer >"$home/log-of-run"
}
# run TASK OUTCOME [body]: runs it, waits and looks at how it ended.
run() {
    owner POST "/api/v1/tasks/$1/runs?wait=90" --json "${3:-{\}}" >"$home/status"
    is "run $1" "$(get 'a["outcome"]')" "$2"
    id=$(get 'a["id"]')
}
# until_state RUN STATE: waits for it.
until_state() {
    for _ in $(seq 300); do
        owner GET "/api/v1/runs/$1" >/dev/null
        [ "$(get 'a["run"]["state"]')" != "$2" ] || return 0
        sleep 0.1
    done
    is "the state of $1" "$(get 'a["run"]["state"]')" "$2"
}

# no_container RUN: nothing of it is on the engine, or will not be in a moment.
no_container() {
    for _ in $(seq 50); do
        left=$(docker ps -aq --filter "label=runbay.run=$1" | wc -l)
        [ "$left" != 0 ] || return 0
        sleep 0.1
    done
    is "containers of $1" "$left" 0
}

mkdir "$home/tasks"
printf '[limits]\ntimeout = "60s"\n' >"$home/runbay.toml"

heading 1 'Listening for others without an account is refused, with the way out'
code=0
"$runbay" --home "$home" serve --bind 0.0.0.0:0 >"$home/answer" 2>&1 || code=$?
is 'exit code' "$code" 78
is 'it says how' "$(answer)" '*expose*'

task hello <<'PY'
print("hello")
PY
start_service
is 'the owner is let in' "$(owner GET /api/v1/tasks)" 200
owner GET /api/v1/openapi.json >/dev/null
# method, path and permission of every route, filled with names.
python3 - "$home/answer" >"$home/routes" <<'PY'
import json, re, sys
for path, item in json.load(open(sys.argv[1]))["paths"].items():
    for method, operation in item.items():
        print(method.upper(), re.sub(r"{(\w+)}", lambda m: {"id": "1", "path": "main.py"}.get(m[1], "hello"), path),
              operation["x-permission"])
PY
printf '  %s routes\n' "$(wc -l <"$home/routes")"

heading 2 'Every route asks who is there'
while read -r method path needs; do
    [ "$needs" != public ] || continue
    got=$(try "$method" "$path" --json '{}')
    [ "$got" = 401 ] || is "$method $path" "$got" 401
done <"$home/routes"
is 'all but the public ones' 401 401
is 'somewhere else' "$(try GET /api/v1/nothing)" 404 401
is 'what is public tells no version' "$(try GET /livez; grep -c '[0-9]\.[0-9]' "$home/answer" || true)" '200*0'
is 'a wrong token' "$(try GET /api/v1/tasks -H 'Authorization: Bearer runbay_000000000000_x')" 401

heading 3 'Other sites get nothing, even from this machine'
is 'another Host' "$(try GET /api/v1/tasks -H 'Host: evil.example' -H "Authorization: Bearer $token")" 421
is 'which is told nothing' "$(wc -c <"$home/answer")" 0
is 'another Origin' "$(owner POST /api/v1/tasks/hello/runs -H 'Origin: http://evil.example')" 403
is 'another port of this machine' "$(owner POST /api/v1/tasks/hello/runs -H 'Origin: http://localhost:9999')" 403
is 'a form of another site' "$(owner POST /api/v1/tasks/hello/runs -H 'Content-Type: text/plain' -d '{}')" 415 403
is 'a foreign WebSocket' "$(owner GET /api/v1/live -H 'Origin: http://evil.example' -H 'Connection: Upgrade' \
    -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==')" 403
is 'no CORS' "$(curl -sS -D- -o "$home/answer" -H 'Origin: http://evil.example' "$url/livez" | grep -ci '^access-control' || true)" 0

heading 4 'Roles hold on every route'
password='four horses eat batteries'
for role in viewer operator; do
    is "a user of role $role" "$(owner POST /api/v1/users --json "{\"name\": \"$role\", \"password\": \"$password\", \"role\": \"$role\"}")" 201
done
while read -r method path needs; do
    case $needs in public | signed_in | account | tokens | tasks_read | runs_read | system_read) continue ;; esac
    got=$(try "$method" "$path" -u "viewer:$password" --json '{}')
    [ "$got" = 403 ] || is "viewer: $method $path" "$got" 403
    case $needs in logs_read | runs_trigger | runs_cancel | runs_pin | schedules_pause) continue ;; esac
    got=$(try "$method" "$path" -u "operator:$password" --json '{}')
    [ "$got" = 403 ] || is "operator: $method $path" "$got" 403
done <"$home/routes"
is 'all that viewers and operators may not' 403 403
is 'what was refused is in the audit log' "$(owner GET '/api/v1/audit?actor=viewer'; get 'a["items"][0]["verdict"]')" '200refused'

heading 5 'Paths lead nowhere else'
run hello succeeded
for way in '..%2f..%2fetc%2fpasswd' '../../../../etc/passwd' '%2e%2e/%2e%2e/etc/passwd' '/etc/passwd' '..%5c..%5cwindows' 'a%00b'; do
    for route in "/api/v1/tasks/hello/files/$way" "/api/v1/runs/$id/artifacts/$way" \
        "/api/v1/tasks/hello/versions/current/files/$way" "/api/v1/runs/$way/log" "/api/docs/$way"; do
        got=$(owner GET "$route")
        [[ $got == 4* ]] || is "$route" "$got" '4*'
        ! grep -q root: "$home/answer" || is "$route" "$(answer)" 'nothing of /etc/passwd'
    done
done
is 'paths with .., %2f, NUL and the like' "$got" '4*'

heading 6, 7 'What a run is, from outside and from inside'
task look <<'PY'
import os, pathlib, socket, time
print(open("/proc/self/status").read())
print("uid", os.getuid(), os.getgid())
print("socket", any(map(os.path.exists, ["/var/run/docker.sock", "/run/docker.sock"])), "docker.sock" in open("/proc/self/mountinfo").read())
try:
    pathlib.Path("/etc/mark").write_text("x"); print("root is writable")
except OSError as error:
    print("root", error.errno)
time.sleep(2)
PY
owner POST /api/v1/tasks/look/runs >/dev/null
id=$(get 'a["id"]')
until_state "$id" running
docker inspect "$(docker ps -q --filter "label=runbay.run=$id")" >"$home/answer"
is 'privileged' "$(get 'a[0]["HostConfig"]["Privileged"]')" False
is 'capabilities' "$(get 'a[0]["HostConfig"]["CapDrop"], a[0]["HostConfig"]["CapAdd"]')" "(\['ALL'\], None)"
is 'the root is read-only' "$(get 'a[0]["HostConfig"]["ReadonlyRootfs"]')" True
is 'binds' "$(get 'a[0]["HostConfig"]["Binds"]')" None
is 'limits' "$(get 'a[0]["HostConfig"]["PidsLimit"] <= 256 and a[0]["HostConfig"]["Memory"] == a[0]["HostConfig"]["MemorySwap"] > 0')" True
is 'namespaces' "$(get 'sorted({a[0]["HostConfig"][n] for n in ("IpcMode", "PidMode", "UTSMode", "UsernsMode")})')" "\['', 'private'\]" "\[''\]"
until_state "$id" finished
log "$id"
is 'who it runs as' "$(grep ^uid "$home/log-of-run")" 'uid 10001 10001'
is 'its capabilities' "$(grep CapEff "$home/log-of-run")" '*0000000000000000'
is 'no new privileges' "$(grep NoNewPrivs "$home/log-of-run" | tr -d '[:space:]')" 'NoNewPrivs:1'
is 'seccomp' "$(grep ^Seccomp: "$home/log-of-run" | tr -d '[:space:]')" 'Seccomp:2'
is 'the socket of the engine' "$(grep ^socket "$home/log-of-run")" 'socket False False'
is 'its root' "$(grep ^root "$home/log-of-run")" 'root 30'

heading 8 'Bombs hurt only themselves'
task forks <<'PY'
import subprocess
children = []
try:
    while True:
        children.append(subprocess.Popen(["sleep", "60"]))
except OSError as error:
    print("at", len(children), error.errno)
for child in children:
    child.kill()
PY
task memory <<'PY'
bytearray(10 << 30)
all_of_it = []
while True:
    all_of_it.append(b"x" * (64 << 20))
PY
task flood <<'PY'
line = "x" * 1000 + "\n"
print("y" * (1 << 26))
for _ in range(200_000):
    print(line, end="")
PY
run forks succeeded
log "$id"
is 'processes' "$(grep '^at' "$home/log-of-run")" 'at 2?? 11'
sed -i 1d "$home/tasks/memory/main.py"
run memory out_of_memory
run flood succeeded
log "$id"
is 'of 264 MB, the log keeps the ends' "$(($(stat -c %s "$home/log-of-run") / 1000000))" '5?'
before=$(date +%s%N)
is 'and the service is still there' "$(owner GET "/api/v1/runs/$id/log?tail=100")" 200
is 'in time' "$((($(date +%s%N) - before) / 1000000 < 200))" 1

heading 9 'Secrets stay secret'
canary=cAnArY-4711-of-the-first-hour
task secret <<'PY'
import base64, json, os, sys, time
value = os.environ["TOKEN"]
print(value)
for shift in range(3):
    print(base64.b64encode(b"x" * shift + value.encode()).decode())
print(json.dumps({"token": value}))
sys.stdout.write(value[:10]); sys.stdout.flush(); time.sleep(0.3); print(value[10:])
PY
printf 'secrets = [{ name = "TOKEN", env = "TOKEN" }]\n' >"$home/tasks/secret/task.toml"
run secret succeeded "{\"secrets\": {\"TOKEN\": \"$canary\"}}"
log "$id"
is 'in its log' "$(grep -c "$canary" "$home/log-of-run" || true)" 0
is 'in base 64' "$(grep -c "$(printf %s "$canary" | base64 | cut -c5-24)" "$home/log-of-run" || true)" 0
is 'masked, in each line' "$(grep -c '\*\*\*' "$home/log-of-run")" 6
is 'in all that is answered of the run' "$(owner GET "/api/v1/runs/$id"; grep -c "$canary" "$home/answer" || true)" '2000'

heading 10 'Output is data'
task odd <<'PY'
print("<script>alert(1)</script>\x1b]8;;javascript:alert(1)\x07link\x1b[2J\u202eevil")
print("::set-output name=x::y")
PY
run odd succeeded
is 'its log, as JSON' "$(owner GET "/api/v1/runs/$id/log?stream=stdout"; get 'len(a["lines"]), "<script>" in a["lines"][0]["text"]')" '200(2, True)'
headers=$(curl -sS -D- -o "$home/answer" -H "Authorization: Bearer $token" "$url/api/v1/runs/$id/log/raw")
is 'the raw text is not shown as a page' "$(tr 'A-Z\r\n' 'a-z  ' <<<"$headers" | grep -o 'nosniff')" nosniff

heading 11 'Requirements that would run code or go elsewhere'
for line in '-e .' 'git+https://example.org/x' '--index-url https://example.org/' '--no-binary :all:' '--trusted-host example.org' './local'; do
    task wants <<<'print(1)'
    printf 'packaging\n%s\n' "$line" >"$home/tasks/wants/requirements.txt"
    owner POST /api/v1/tasks/wants/runs --json '{}' >"$home/status"
    is "$line" "$(cat "$home/status")$(answer)" '422*requirements.txt:2*' '422*line 2*'
done
rm -r "$home/tasks/wants"

heading 12 'Archives that lead out, or burst'
python3 - "$home" <<'PY'
import io, sys, tarfile, zipfile
home = sys.argv[1]
def tar(name, *entries):
    with tarfile.open(f"{home}/{name}.tar", "w") as archive:
        for entry, text in entries:
            entry = entry if isinstance(entry, tarfile.TarInfo) else tarfile.TarInfo(entry)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
def link(name, to, kind):
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, to
    return entry
main = ("main.py", b"print(1)")
tar("slip", main, ("../../../evil", b"x"))
tar("absolute", main, ("/tmp/evil", b"x"))
tar("link", main, (link("etc", "/etc", tarfile.SYMTYPE), b""))
tar("hardlink", main, (link("passwd", "/etc/passwd", tarfile.LNKTYPE), b""))
tar("device", main, (link("null", "", tarfile.CHRTYPE), b""))
tar("twice", main, ("MAIN.PY", b"x"))
tar("many", *((f"f{n}.py", b"") for n in range(100_000)))
with zipfile.ZipFile(f"{home}/bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("main.py", "print(1)")
    archive.writestr("zeros", bytes(600 << 20))
PY
for name in slip absolute link hardlink device twice many; do
    is "$name" "$(owner PUT /api/v1/tasks/uploaded/archive -H 'Content-Type: application/x-tar' -T "$home/$name.tar")" 422 413
done
is bomb "$(owner PUT /api/v1/tasks/uploaded/archive -H 'Content-Type: application/zip' -T "$home/bomb.zip")" 422 413
is 'nothing is left of them' "$(find "$home/tasks" /tmp/evil -newer "$home/bomb.zip" 2>/dev/null | grep -c 'evil\|uploaded' || true)" 0

heading 13 'The service dies in the middle of a run'
task slow <<'PY'
import time
for n in range(8):
    print("line", n, flush=True)
    time.sleep(0.5)
raise SystemExit(3)
PY
owner POST /api/v1/tasks/slow/runs >/dev/null
id=$(get 'a["id"]')
until_state "$id" running
kill -9 "$service"
wait "$service" 2>/dev/null || true
start_service
until_state "$id" finished
is 'the same run ends as its script said' "$(get 'a["run"]["outcome"], a["run"]["exit_code"], len(a["attempts"])')" "('failed', 3, 1)"
log "$id"
is 'each line is there, once' "$(grep -c '^line' "$home/log-of-run")" 8

heading 14 'The service dies between the making of a container and its start'
task once <<'PY'
print("once", flush=True)
PY
runs=()
for _ in $(seq 10); do
    owner POST /api/v1/tasks/once/runs >/dev/null
    runs+=("$(get 'a["id"]')")
    # It is made in some milliseconds; to start it takes the engine a hundred.
    for _ in $(seq 500); do
        [ -z "$(docker ps -aq --filter "label=runbay.run=${runs[-1]}")" ] || break
        sleep 0.01
    done
    kill -9 "$service"
    wait "$service" 2>/dev/null || true
    start_service
done
for id in "${runs[@]}"; do
    until_state "$id" finished
    [ "$(get 'a["run"]["outcome"]')" = succeeded ] || is "run $id" "$(get 'a["run"]["outcome"]')" succeeded
    owner GET "/api/v1/runs/$id/log/raw" >/dev/null
    [ "$(grep -c '^once' "$home/answer")" = 1 ] || is "the log of $id" "$(answer)" 'once, and once only'
    no_container "$id"
done
is 'ten runs, ten times killed, each ran once' "${#runs[@]}" 10

heading 15 'The engine loses what a run stands on'
task sleeper <<'PY'
import time
print("here", flush=True)
time.sleep(60)
PY
owner POST /api/v1/tasks/sleeper/runs >/dev/null
id=$(get 'a["id"]')
until_state "$id" running
docker rm -f "$(docker ps -q --filter "label=runbay.run=$id")" >/dev/null
until_state "$id" finished
is 'a container that somebody removes' "$(get 'a["run"]["outcome"]')" lost
run hello succeeded
image=$(owner GET "/api/v1/runs/$id" >/dev/null; get 'a["run"]["image"]')
docker rmi -f "$image" >/dev/null
is 'an image that somebody removes' "$(docker images -q --no-trunc | grep -c "$image" || true)" 0
run hello succeeded

heading 16 'Two services'
code=0
"$runbay" --home "$home" serve --bind 127.0.0.1:0 >"$home/answer" 2>&1 || code=$?
is 'on one data folder' "$code" 75
mkdir "$home/copy"
cp -r "$home/tasks" "$home/runbay.toml" "$home/data" "$home/copy/"
code=0
"$runbay" --home "$home/copy" serve --bind 127.0.0.1:0 >"$home/answer" 2>&1 || code=$?
is 'on a copy of it, without the key of its secrets' "$code" 78
cp -r "$home/keys" "$home/copy/"
code=0
"$runbay" --home "$home/copy" serve --bind 127.0.0.1:0 >"$home/answer" 2>&1 || code=$?
is 'on a copy of it' "$code" 75

heading 17 'Hours that are not there, and hours that come twice'
owner POST /api/v1/schedules/preview --json '{"count": 3, "after": "2027-03-26T12:00:00Z",
    "schedule": {"when": "02:30", "timezone": "Europe/Berlin"}}' >/dev/null
is 'an hour that is left out is made up for' "$(get '[n["at"] for n in a["next"]]')" \
    "\['2027-03-27T01:30:00Z', '2027-03-28T01:00:00Z', '2027-03-29T00:30:00Z'\]"
is 'and that is said' "$(get '"note" in a["next"][1]')" True
owner POST /api/v1/schedules/preview --json '{"count": 2, "after": "2027-10-30T12:00:00Z",
    "schedule": {"when": "02:30", "timezone": "Europe/Berlin"}}' >/dev/null
is 'one that comes twice counts once' "$(get '[n["at"] for n in a["next"]]')" \
    "\['2027-10-31T00:30:00Z', '2027-11-01T01:30:00Z'\]"

heading 18 'A hundred times the same request'
for n in $(seq 100); do
    curl -sS -o "$home/same.$n" -H "Authorization: Bearer $token" -H 'Idempotency-Key: once' \
        --json '{}' "$url/api/v1/tasks/hello/runs" &
    # A few at a time are as good: the machine is small.
    # shellcheck disable=SC2046 # several
    [ $((n % 20)) != 0 ] || wait $(jobs -p | grep -vx "$service")
done
is 'one run' "$(cat "$home"/same.* | grep -o '"id":"[0-9a-f]*"' | sort -u | wc -l)" 1
is 'another request with that key' "$(owner POST /api/v1/tasks/hello/runs -H 'Idempotency-Key: once' --json '{"priority": 3}')" 409

heading 19 'Cancelling'
task stubborn <<'PY'
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("here", flush=True)
time.sleep(60)
PY
owner POST /api/v1/tasks/stubborn/runs >/dev/null
id=$(get 'a["id"]')
until_state "$id" running
before=$(date +%s)
owner POST "/api/v1/runs/$id/cancel" >/dev/null
is 'twice' "$(owner POST "/api/v1/runs/$id/cancel?wait=30"; get 'a["outcome"]')" '*cancelled'
is 'within 13 seconds' "$(($(date +%s) - before <= 13))" 1
is 'what is over' "$(owner POST "/api/v1/runs/$id/cancel")" 409
no_container "$id"
is 'its container' gone gone

heading 22 'Questions that cost'
is 'an expression that explodes' "$(owner GET "/api/v1/runs/last/log/search?regex=true&q=(((a%7B99%7D)%7B99%7D)%7B99%7D)")" 422
is 'SQL in a filter' "$(owner GET "/api/v1/runs?text=%27%20OR%201=1--"; get 'len(a["items"])')" 2000
is 'SQL in a name' "$(owner GET "/api/v1/runs?task=x%27%3B--")" 422
is 'a page of a milliard' "$(owner GET '/api/v1/runs?limit=1000000000')" 422
is 'a rule of time' "$(owner POST /api/v1/schedules/preview --json '{"schedule": {"when": "61 * * * *"}}'; get 'a["errors"][0]["pointer"]')" '422/schedule/when'
python3 -c 'print("["*100000)' >"$home/deep"
is 'JSON without a bottom' "$(owner POST /api/v1/tasks --json "@$home/deep")" 400 422

heading 24 'Somebody else uses our images'
run hello succeeded
image=$(owner GET "/api/v1/runs/$id" >/dev/null; get 'a["run"]["image"]')
foreign=$(docker run -d --network none --entrypoint sleep "$image" 600)
is 'its labels are ours' "$(docker inspect -f '{{index .Config.Labels "runbay.instance"}}' "$foreign" | wc -c)" 33
is 'after housekeeping' "$(owner POST /api/v1/prune --json '{}')" 200
# The reconciler looks when the service begins.
stop_service
start_service
is 'it runs' "$(owner GET /api/v1/tasks; docker inspect -f '{{.State.Running}}' "$foreign")" '200true'
docker rm -f "$foreign" >/dev/null

heading 25 'What is on the disk'
is 'the secret' "$(grep -rlc "$canary" "$home/data" | wc -l)" 0
is 'the data folder' "$(stat -c %a "$home/data")" 700
is 'the database' "$(stat -c %a "$home/data/runbay.db")" 600
is 'what lets the command line in' "$(stat -c %a "$home/data/server.json")" 600
is 'passwords' "$(grep -rlc "$password" "$home/data" | wc -l)" 0
code=0
"$runbay" --home "$home" audit verify >"$home/answer" 2>&1 || code=$?
is 'the audit log is whole' "$code" 0

heading 23 'A database that is damaged'
stop_service
mkdir "$home/whole"
cp "$home/data"/runbay.db* "$home/whole/"
printf 'garbage garbage garbage' | dd of="$home/data/runbay.db" conv=notrunc status=none
rm -f "$home/data/runbay.db-wal" "$home/data/runbay.db-shm"
damaged=$(sha256sum <"$home/data/runbay.db")
code=0
"$runbay" --home "$home" ps >"$home/answer" 2>&1 || code=$?
is 'is not read' "$((code != 0))" 1
is 'and the file is named' "$(answer)" "*$home/data/runbay.db is damaged*backup*"
"$runbay" --home "$home" serve --bind 127.0.0.1:0 >"$home/answer" 2>&1 &
still=$!
for _ in $(seq 100); do
    at=$(grep -o 'http://[0-9.:]*' "$home/answer" | tail -n 1 || true)
    [ -n "$at" ] && break
    sleep 0.1
done
is 'whoever asks is told' "$(curl -s "$at/api/v1/runs")" '*is damaged*backup*'
is 'it is alive and not ready' "$(curl -s -o /dev/null -w '%{http_code}' "$at/livez") $(curl -s -o /dev/null -w '%{http_code}' "$at/readyz")" '200 503'
kill "$still"
code=0
wait "$still" || code=$?
is 'and it ends as a failure' "$((code != 0))" 1
is 'and not written over' "$(sha256sum <"$home/data/runbay.db")" "$damaged"
rm -f "$home/data"/runbay.db*
cp "$home/whole"/* "$home/data/"
start_service
is 'put back, it goes on' "$(owner GET /api/v1/tasks)" 200

printf '\nAll as it should be.\n'
