#!/bin/sh
# Has a client made from the OpenAPI document by a generator that knows nothing
# of us, and works a real service on a real engine with it: client.py says how.
#
#   tests/api/client.sh
set -eu

cd "$(dirname "$0")/../.."
# shellcheck source=tests/api/service.sh
. tests/api/service.sh
python_with 'openapi-python-client==0.29.1'
cargo build --quiet --locked
mkdir "$home/tasks"
start_service

curl -fsS -H "Authorization: Bearer $token" -o "$home/openapi.json" "$url/api/v1/openapi.json"
generate=$target/python-tools/bin/openapi-python-client
"$generate" generate --path "$home/openapi.json" --meta none --config tests/api/client.yaml \
    --output-path "$home/runbay_client" >"$home/generated" 2>&1 || { cat "$home/generated" >&2; exit 1; }
# It goes on where it does not understand something, and says so.
if grep -B1 -A12 '^WARNING\|^Unable' "$home/generated" >&2; then
    exit 1
fi
PYTHONPATH=$home "$target/python-tools/bin/python" tests/api/client.py "$url" "$token"
