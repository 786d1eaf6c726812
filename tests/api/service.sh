# shellcheck shell=sh
# What the scripts in this folder share: a service of the debug build with a
# home folder of its own, which ends with the script, and takes with it what it
# made on the engine. To be sourced from the top of the repository.

# The home folder, its service, and what that says of itself.
home=$(mktemp -d)
service=
url=
token=
# Where cargo puts what it builds.
target=${CARGO_TARGET_DIR:-$PWD/target}

finish() {
    stop_service
    instance=$(python3 - "$home/data/runbay.db" 2>/dev/null <<'PY' || true
import sqlite3, sys
print(*sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute("SELECT id FROM instance").fetchone())
PY
    )
    if [ -n "$instance" ] && command -v docker >/dev/null; then
        ours="label=runbay.instance=$instance"
        # Several times: a container may have been on its way, and what is built
        # on others goes first.
        for _ in 1 2 3; do
            docker ps -aq --filter "$ours" | xargs -r docker rm -fv >/dev/null 2>&1 || true
            docker images -q --filter "$ours" | sort -u | xargs -r docker rmi >/dev/null 2>&1 || true
            docker network ls -q --filter "$ours" | xargs -r docker network rm >/dev/null 2>&1 || true
            docker volume ls -q --filter "$ours" | xargs -r docker volume rm >/dev/null 2>&1 || true
        done
    fi
    rm -rf "$home"
}
trap finish EXIT
trap 'exit 130' INT TERM

# A Python of our own with these packages from the index. They stay in target/,
# and pip's cache is the usual one.
python_with() {
    python=$target/python-tools/bin/python
    if [ ! -x "$python" ]; then
        python3 -m venv "$target/python-tools" >/dev/null 2>&1 || {
            rm -rf "$target/python-tools"
            echo "$0: python3 cannot make a virtual environment. On Debian: apt-get install python3-venv" >&2
            exit 69
        }
    fi
    "$target/python-tools/bin/pip" install --quiet --disable-pip-version-check "$@" || {
        echo "$0: $* cannot be installed; is the package index out of reach?" >&2
        exit 69
    }
}

# Starts the service and waits until it says where it is.
start_service() {
    door="$home/data/server.json"
    rm -f "$door"
    "$target/debug/runbay" --home "$home" serve --bind 127.0.0.1:0 2>>"$home/log" &
    service=$!
    tries=0
    until [ -s "$door" ]; do
        kill -0 "$service" 2>/dev/null || { cat "$home/log" >&2; exit 1; }
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || { echo "$0: the service does not begin" >&2; exit 1; }
        sleep 0.1
    done
    # shellcheck disable=SC2034 # for who sources this
    url=$(door_field url)
    # shellcheck disable=SC2034
    token=$(door_field token)
}

stop_service() {
    [ -n "$service" ] || return 0
    kill "$service" 2>/dev/null || true
    wait "$service" 2>/dev/null || true
    service=
}

door_field() {
    python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$door" "$1"
}
