#!/usr/bin/env bash
# Shows Runbay as a container at work, and proves it: makes the image, starts it with
# the Docker socket, makes a task and runs it through the REST API, puts a new
# container in the place of the old one while a run goes on, and sees that run end
# as it should. Changes a setting, gives it the key as a secret, and puts a backup
# back into new volumes. Leaves nothing behind.
#
#   deploy/demo.sh [--through-proxy]      the same behind deploy/socket-proxy.cfg
#
# Environment: RUNBAY_IMAGE, an image that is there, as the Dockerfile makes it; else
# one is made of RUNBAY_BINARY (default target/release/runbay, or that of
# CARGO_TARGET_DIR). DOCKER_HOST is not used.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
name=runbay-demo-$$
image=$name:local
port=${RUNBAY_DEMO_PORT:-7071}
proxy_port=${RUNBAY_DEMO_PROXY_PORT:-23751}
url=http://127.0.0.1:$port
socket=/var/run/docker.sock
through_proxy=false
[[ ${1:-} != --through-proxy ]] || through_proxy=true

say() { printf '\n== %s\n' "$*"; }
fail() {
    printf 'demo: %s\n' "$*" >&2
    docker logs --tail 30 "$name" >&2 || true
    exit 1
}

proxy=
instance=
volumes=(home tasks data keys)
work=$(mktemp -d)
cleanup() {
    # What it made on the engine is labelled with who it is.
    docker rm -fv "$name" >/dev/null 2>&1 || true
    if [[ -n $instance ]]; then
        # Images twice: those that others are made of go last.
        for kind in container image image volume network; do
            leftovers "$kind" "$instance"
        done
    fi
    docker volume rm "${volumes[@]/#/$name-}" >/dev/null 2>&1 || true
    docker network rm "$name" >/dev/null 2>&1 || true
    docker image rm "$image" >/dev/null 2>&1 || true
    [[ -z $proxy ]] || kill "$proxy" 2>/dev/null || true
    rm -rf "$work"
}
leftovers() {
    local list=(docker "$1" ls -q --filter "label=runbay.instance=$2") ids
    [[ $1 != container ]] || list+=(-a)
    mapfile -t ids < <("${list[@]}" | sort -u)
    ((${#ids[@]} == 0)) || docker "$1" rm "${ids[@]}" >/dev/null 2>&1 || true
}
trap cleanup EXIT

# field NAME[.NAME...]: of the JSON on stdin; empty if it is not there.
field() {
    python3 -c 'import functools, json, sys
print(functools.reduce(lambda of, name: (of or {}).get(name), sys.argv[1].split("."), json.load(sys.stdin)) or "")' "$1"
}
api() {
    curl -sS --fail-with-body -X "$1" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
        "$url/api/v1$2" ${3:+--data "$3"}
}
token=

# What `docker run` gets besides.
extra=()
# service ARGUMENT...: `docker run` of the image as the compose files do; what comes
# behind "--" is for the program.
service() {
    local more=("${extra[@]}")
    while [[ $1 != -- ]]; do more+=("$1") && shift; done
    shift
    if "$through_proxy"; then
        more+=(--network "$name" -e "RUNBAY_DOCKER_HOST=tcp://$gateway:$proxy_port")
    else
        more+=(-v "$socket:$socket" --group-add "$(stat -c %g "$socket")")
    fi
    docker run "${more[@]}" \
        --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
        -e RUNBAY_SERVER_EXPOSE=true -e "RUNBAY_SERVER_EXTERNAL_URL=$url" -e RUNBAY_LIMITS_NETWORK=none \
        -v "$name-home:/srv/runbay" -v "$name-tasks:/srv/runbay/tasks" \
        -v "$name-data:/var/lib/runbay/data" -v "$name-keys:/var/lib/runbay/keys" \
        "$image" "$@"
}
# start [ARGUMENT...]: of `runbay serve`.
start() {
    service -d --name "$name" -p "127.0.0.1:$port:7000" --stop-timeout 10 -- serve "$@" >/dev/null
    for _ in $(seq 150); do
        curl -sf "$url/readyz" >/dev/null && return
        sleep 0.2
    done
    fail 'the service is not ready'
}
inside() { docker exec "$name" /usr/local/bin/runbay "$@"; }

say 'the image'
if [[ -n ${RUNBAY_IMAGE:-} ]]; then
    docker tag "$RUNBAY_IMAGE" "$image"
else
    "$here/deploy/image.sh" "${RUNBAY_BINARY:-${CARGO_TARGET_DIR:-$here/target}/release/runbay}" "$image"
fi
size=$(docker image inspect --format '{{.Size}}' "$image")
((size < 60000000)) || fail 'this is more than 60 MB'
echo 'less than the 60 MB that it may have'

if "$through_proxy"; then
    docker network create "$name" >/dev/null
    gateway=$(docker network inspect --format '{{(index .IPAM.Config 0).Gateway}}' "$name")
    RUNBAY_PROXY_BIND="$gateway:$proxy_port" haproxy -db -f "$here/deploy/socket-proxy.cfg" 2>"$work/proxy.log" &
    proxy=$!
    say "behind a filter at $gateway:$proxy_port"
fi

start
say 'the service'
inside version
inside health
docker inspect --format 'user {{.Config.User}}, read-only {{.HostConfig.ReadonlyRootfs}}, capabilities dropped {{.HostConfig.CapDrop}}' "$name"
printf 'a long enough password\n' | docker exec -i "$name" /usr/local/bin/runbay user add demo --role admin --password-file - >/dev/null
token=$(inside token create demo --scope admin,tasks:write,tasks:read,runs:trigger,runs:read,logs:read)
instance=$(api GET /system | field instance)

say 'a task, made and run through the REST API'
api POST /tasks '{"name": "hello", "files": {"main.py": {"text": "print(\"hello from a container beside\")"}}}' >/dev/null
run=$(api POST '/tasks/hello/runs?wait=120' '{}')
[[ $(field outcome <<<"$run") == succeeded ]] || fail "the run did not succeed: $run"
inside logs hello

say 'what a run with a network reaches of the service'
address=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$name")
reach='import socket
assert len(socket.if_nameindex()) > 1, "there is no network"
knock = socket.socket()
knock.settimeout(3)
try:
    knock.connect(("'$address'", 7000))
    print("the service")
except OSError as error:
    print("nothing:", error)
'
python3 -c 'import json, sys
print(json.dumps({"name": "reach", "files": {
    "main.py": {"text": sys.argv[1]}, "task.toml": {"text": "network = \"egress\"\n"}}}))' "$reach" >"$work/reach.json"
api POST /tasks "$(<"$work/reach.json")" >/dev/null
run=$(api POST '/tasks/reach/runs?wait=120' '{}')
[[ $(field outcome <<<"$run") == succeeded ]] || fail "the run did not succeed: $run"
inside logs reach | tee "$work/reached"
grep -q '^nothing: ' "$work/reached" || fail 'a run reaches the service'

say 'a new container while a run goes on'
slow='import time\nfor n in range(12):\n    print(\"step\", n, flush=True)\n    time.sleep(1)\n'
api POST /tasks "{\"name\": \"slow\", \"files\": {\"main.py\": {\"text\": \"$slow\"}}}" >/dev/null
run=$(api POST /tasks/slow/runs '{}' | field id)
for _ in $(seq 300); do
    api GET "/runs/$run/log" 2>/dev/null | grep -q 'step 2' && break
    sleep 0.2
done
begun=$(date +%s%N)
docker stop "$name" >/dev/null
took=$((($(date +%s%N) - begun) / 1000000))
code=$(docker inspect --format '{{.State.ExitCode}}' "$name")
echo "it stopped in $took ms with code $code, and the run goes on"
((took < 10000 && code == 0)) || fail 'it did not stop as it should'
docker ps --format '{{.Names}}' --filter "label=runbay.run=$run" | grep -q . || fail 'the run does not go on'
docker rm "$name" >/dev/null
start
for _ in $(seq 300); do
    ended=$(api GET "/runs/$run")
    [[ $(field run.state <<<"$ended") != finished ]] || break
    sleep 0.2
done
[[ $(field run.outcome <<<"$ended") == succeeded ]] || fail "the run did not succeed: $ended"
steps=$(inside logs slow | grep -c '^step ' || true)
((steps == 12)) || fail "of 12 steps the log has $steps"
echo "the run ended as $(field run.outcome <<<"$ended"), and its log has all $steps steps"
inside show slow >/dev/null

say 'a setting, and a new container'
api PATCH /settings '{"queue.slots": 3}' >/dev/null
setting() {
    api GET /settings | python3 -c 'import json, sys
print(*(one["value"] for one in json.load(sys.stdin) if one["key"] == sys.argv[1]))' "$1"
}
docker rm -fv "$name" >/dev/null
start
[[ $(setting queue.slots) == 3 ]] || fail "queue.slots is $(setting queue.slots)"
[[ $(setting images_dir) == /usr/share/runbay/images ]] || fail 'the templates are not those of the image'
echo 'queue.slots is still 3'

say 'the key as a secret'
key=$work/runbay.key
docker run --rm "$image" secret make-key >"$key"
chmod 600 "$key"
chown 10001:10001 "$key" || fail 'the key is to belong to the service, which takes root'
extra=(-v "$key:/run/secrets/runbay.key:ro" -e RUNBAY_SECRETS_KEY_FILE=/run/secrets/runbay.key)
docker rm -fv "$name" >/dev/null
start
printf 'sesame' | docker exec -i "$name" /usr/local/bin/runbay secret set WORD
! inside secret rotate 2>"$work/refused" || fail 'a key was written that is only to be read'
grep 'make-key' "$work/refused" || fail 'it is not said what to do'
docker run --rm "$image" secret make-key >>"$key"
inside secret rotate
inside secret check

say 'a backup, put back into new volumes'
docker exec -i "$name" /usr/local/bin/runbay backup - >"$work/demo.backup"
before=$(inside ps --all --json)
put_back() { service --rm -i -- backup restore "$@" - <"$work/demo.backup"; }
! put_back 2>/dev/null || fail 'it was put back into a service that runs'
docker rm -fv "$name" >/dev/null
put_back --database
docker volume rm "${volumes[@]/#/$name-}" >/dev/null
put_back
# On this engine the folder of before is known.
start --takeover
[[ $(inside ps --all --json) == "$before" ]] || fail 'the runs are not those of before'
[[ $(setting queue.slots) == 3 ]] || fail "queue.slots is $(setting queue.slots)"
inside secret check
run=$(api POST '/tasks/hello/runs?wait=120' '{}')
[[ $(field outcome <<<"$run") == succeeded ]] || fail "the run did not succeed: $run"
echo 'runs, tasks and settings are there, and a task runs'

if "$through_proxy"; then
    say 'what the filter does not let through'
    refused() {
        local status
        status=$(curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -X "$1" "http://$gateway:$proxy_port$2" ${3:+--data "$3"})
        echo "$status  $1 $2 ${3:-}"
        [[ $status == 403 ]] || fail 'this should have been refused'
    }
    refused POST /containers/create '{"Image": "x", "HostConfig": {"Privileged": true}}'
    refused POST /containers/create '{"Image": "x", "hostconfig": {"pRivileged" : true}}'
    refused POST /containers/create '{"Image": "x", "HostConfig": {"\u0050rivileged": true}}'
    refused POST /v1.41/containers/create '{"Image": "x", "HostConfig": {"Binds": ["/:/host"]}}'
    refused POST /containers/create '{"Image": "x", "HostConfig": {"Mounts": [{"Type": "bind", "Source": "/", "Target": "/host"}]}}'
    refused POST /containers/create '{"Image": "x", "HostConfig": {"PidMode": "host"}}'
    refused POST /containers/create '{"Image": "x", "HostConfig": {"CapAdd": ["SYS_ADMIN"]}}'
    refused POST /volumes/create '{"Name": "x", "DriverOpts": {"type": "none", "device": "/", "o": "bind"}}'
    refused POST /containers/x/update '{}'
    refused GET /secrets
    refused POST /build
    refused POST '/images/prune'
fi
say 'all as it should be'
