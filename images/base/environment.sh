#!/bin/sh
# Resolves requirements, or makes /opt/venv from a lock. Runs in the build sandbox,
# as the user of runs, with the shared download cache at /cache.
#
#   environment.sh resolve <options of uv pip compile…>   requirements in, lock out
#   environment.sh install <options of uv pip sync…>      lock in
#
# The first line of stdin is the package index, or empty for the default one: it
# may hold a password. The rest of stdin is the file to work on.
set -eu
verb=$1
shift
IFS= read -r index || true
# Set here, not in the container: what that has, the image gets.
export UV_CACHE_DIR=/cache UV_NO_CONFIG=1 UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1
[ -z "${index:-}" ] || export UV_DEFAULT_INDEX="$index"
if [ "$verb" = resolve ]; then
    exec /opt/runbay/uv pip compile --quiet --generate-hashes --no-header --no-annotate \
        --python "$(command -v python3)" "$@" -
fi
cat >/tmp/lock.txt
site=$(python3 -c 'import sys; print("/opt/venv/lib/python%d.%d/site-packages" % sys.version_info[:2])')
[ -x /opt/venv/bin/python ] || /opt/runbay/uv venv --quiet --no-cache --no-project --python "$(command -v python3)" /opt/venv
cp /opt/runbay/00-runbay.pth "$site/"
[ -s /tmp/lock.txt ] || exit 0
/opt/runbay/uv pip sync --python /opt/venv/bin/python --require-hashes --compile-bytecode \
    --link-mode copy "$@" /tmp/lock.txt
