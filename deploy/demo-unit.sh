#!/usr/bin/env bash
# Shows deploy/runbay.service at work, and proves it: boots systemd in a container made
# of Debian packages, does there what the unit's first lines say, and restarts, kills
# and stops the service while runs go on. Leaves nothing behind. Takes root and mmdebstrap.
#
#   deploy/demo-unit.sh [BINARY]      default: target/release/runbay
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
binary=$(realpath "${1:-${CARGO_TARGET_DIR:-$here/target}/release/runbay}")
name=runbay-unit-$$
socket=/var/run/docker.sock
certificates=/etc/ssl/certs/ca-certificates.crt
instance=

say() { printf '\n== %s\n' "$*"; }
fail() {
    printf 'demo: %s\n' "$*" >&2
    inside journalctl --no-pager -u runbay -n 30 >&2 || true
    exit 1
}
inside() { docker exec -i "$name" "$@"; }
runbay() { inside runuser -u runbay -- runbay --home /srv/runbay "$@"; }
cleanup() {
    docker rm -fv "$name" >/dev/null 2>&1 || true
    docker image rm "$name" >/dev/null 2>&1 || true
    [[ -n $instance ]] || return 0
    # What it made on the engine; images that others are made of go last.
    local mine=--filter=label=runbay.instance=$instance kind
    docker container ls -aq "$mine" | xargs -r docker rm -fv >/dev/null 2>&1 || true
    for kind in image image volume network; do
        docker "$kind" ls -q "$mine" | sort -u | xargs -r docker "$kind" rm >/dev/null 2>&1 || true
    done
}
trap cleanup EXIT
# until_it COMMAND…: waits for it to succeed.
until_it() {
    for _ in $(seq 150); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.2
    done
    fail "in vain: $*"
}
# is PROPERTY WANTED: of the unit.
is() {
    local got; got=$(inside systemctl show runbay --value -p "$1")
    echo "$1 is $got"
    [[ $got == "$2" ]] || fail "$1 should be $2"
}
says() { runbay logs "$run" | grep -q "step $1"; }
succeeded() { runbay show "$run" --json | grep -qE '"outcome": ?"succeeded"'; }
begin() { run=$(runbay run slow --detach) && until_it says 2; }
ends() {
    until_it succeeded
    [[ $(runbay logs "$run" 2>/dev/null | grep -c '^step ') == 12 ]] || fail 'the log has not the 12 steps'
    echo 'the run ended as it should, and its log has all 12 steps'
}

say 'a machine with systemd'
mmdebstrap --quiet --variant=minbase --include=systemd,systemd-sysv,curl bookworm - | docker import - "$name" >/dev/null
# Not as --privileged, which wants more than root has on some machines. systemd writes
# its control groups, and finds them mounted for reading.
docker run -d --name "$name" --cap-add ALL --cap-drop SYS_RESOURCE --cgroupns private -e container=docker \
    --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined \
    --tmpfs /run --tmpfs /run/lock --tmpfs /tmp -v /srv -v "$socket:/docker.sock" -v "$certificates:$certificates:ro" "$name" \
    /bin/sh -c 'awk "\$3 ~ /^cgroup/ { print \$2 }" /proc/mounts | xargs -n 1 mount -o remount,rw 2>/dev/null; exec /sbin/init' >/dev/null
until_it inside systemctl is-system-running
inside sh -c "groupadd -g $(stat -c %g "$socket") docker; touch /run/docker.sock; mount --bind /docker.sock /run/docker.sock"
inside sh -c 'cat >/usr/local/bin/runbay; chmod 755 /usr/local/bin/runbay' <"$binary"
tar -C "$here" -c deploy/runbay.service images tasks | inside tar -C /root -x
# Where a proxy signs TLS anew, as runs need to know.
[[ -z ${SSL_CERT_FILE:-} ]] || inside sh -c "mkdir /etc/systemd/system/runbay.service.d
    printf '[Service]\nEnvironment=RUNBAY_EXTRA_CA=$certificates\n' >/etc/systemd/system/runbay.service.d/ca.conf"

say 'what the unit says'
steps=$(sed -n 's/^#   //p' "$here/deploy/runbay.service" | grep -vE '^(sudo|journalctl)' | sed -E 's/ {4,}.*//')
echo "$steps"
inside sh -c "cd /root; set -e; $steps"
until_it runbay health
inside journalctl --no-pager -u runbay | grep -q '#link=' || fail 'the journal shows no link'
token=$(runbay token create demo --scope runs:read 2>/dev/null)
instance=$(inside curl -sS -H "Authorization: Bearer $token" http://127.0.0.1:7000/api/v1/system |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["instance"])')
is ActiveState active
inside systemd-analyze security --no-pager runbay | tail -n 1

say 'a run'
inside cp -r /root/tasks/hello /srv/runbay/tasks/
runbay run hello

say 'a restart, a kill and a stop while runs go on'
inside sh -c 'mkdir /srv/runbay/tasks/slow && cat >/srv/runbay/tasks/slow/main.py' <<'PY'
import time
for n in range(12):
    print("step", n, flush=True)
    time.sleep(1)
PY
begin; inside systemctl restart runbay; ends
begin; inside systemctl kill --signal KILL --kill-whom main runbay; ends
is NRestarts 1
begin
begun=$(date +%s%N)
inside systemctl stop runbay
took=$((($(date +%s%N) - begun) / 1000000))
echo "it stopped in $took ms"
((took < 10000)) || fail 'it should take less than 10 s'
is Result success

say 'settings with which it must not begin'
for setting in 'bind = "0.0.0.0:7000"' 'bnd = "127.0.0.1:7000"'; do
    inside sh -c 'cat >/srv/runbay/runbay.toml' <<<"server = { $setting }"
    inside systemctl restart runbay
    sleep 5
    echo "$setting"
    is ActiveState failed
    is NRestarts 0
done
inside sh -c 'rm /srv/runbay/runbay.toml; systemctl start runbay'
ends
say 'all as it should be'
