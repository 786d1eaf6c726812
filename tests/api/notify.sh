#!/bin/sh
# Has a scheduled task fail and recover before receivers that others wrote: the
# Standard Webhooks library of its authors, and a mail server: notify.py says how.
#
#   tests/api/notify.sh [FOLDER]     where the mails are to be kept, to look at them
set -eu

keep=${1:+$(realpath "$1")}
cd "$(dirname "$0")/../.."
# shellcheck source=tests/api/service.sh
. tests/api/service.sh
python_with 'standardwebhooks==1.1.0' 'aiosmtpd==1.4.6'
cargo build --quiet --locked
mkdir "$home/tasks"
mkdir -p "${keep:=$home/mails}"
"$target/python-tools/bin/python" tests/api/notify.py receive "$home" "$keep" &
receiver=$!
trap 'kill "$receiver" 2>/dev/null || true; finish' EXIT
tries=0
until [ -s "$home/ports.json" ]; do
    kill -0 "$receiver" 2>/dev/null || exit 1
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { echo "$0: the receivers do not begin" >&2; exit 1; }
    sleep 0.1
done
"$target/python-tools/bin/python" tests/api/notify.py settings "$home"
start_service
RUNBAY_URL=$url RUNBAY_TOKEN=$token "$target/python-tools/bin/python" tests/api/notify.py judge \
    "$home" "$target/debug/runbay"
