#!/bin/sh
# Turns an image with Python into a base image. Runs once per base, as root, in
# a container that has been given this folder at /opt/runbay.
#
#   install.sh <python version> <uv version>
#
# The first line of stdin is the package index, or empty for the default one. It
# may hold a password, so it is neither an argument nor in the container's
# configuration.
set -eu
IFS= read -r index || true
[ -z "${index:-}" ] || export PIP_INDEX_URL="$index"
python=$1 uv=$2
found=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])') || {
    echo "this image has no python3" >&2
    exit 1
}
[ "$found" = "$python" ] || {
    echo "this image has Python $found, not $python" >&2
    exit 1
}

# One user for builds and runs. A passwd entry, because getpass.getuser() and
# os.path.expanduser() ask for it.
grep -q '^runbay:' /etc/passwd || {
    echo 'runbay:x:10001:10001:Runbay:/task:/bin/sh' >>/etc/passwd
    echo 'runbay:x:10001:' >>/etc/group
}
mkdir -p /task /artifacts /opt/venv /cache /inputs /run/secrets /run/runbay
chown 10001:10001 /task /artifacts /opt/venv /cache

# A bundle of ours, or one behind a company's proxy, is trusted by everything
# that reads the system's bundle.
if [ -s /opt/runbay/extra-ca.crt ]; then
    mkdir -p /etc/ssl/certs
    cat /opt/runbay/extra-ca.crt >>/etc/ssl/certs/ca-certificates.crt
fi

python3 -m venv /tmp/uv
[ ! -s /opt/runbay/extra-ca.crt ] || export PIP_CERT=/etc/ssl/certs/ca-certificates.crt
/tmp/uv/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir \
    --only-binary :all: "uv==$uv"
mv /tmp/uv/bin/uv /opt/runbay/uv
rm -rf /tmp/uv /root/.cache
python3 -m compileall -q /opt/runbay/runbay_gate.py
chmod -R a+rX,go-w /opt/runbay
