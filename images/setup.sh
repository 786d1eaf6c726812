#!/usr/bin/env bash
# Makes sure that a Docker Engine answers and that the Python base images are
# on it. Safe to repeat: what is already there is left alone.
#
#   images/setup.sh [--quiet] [engine | base | all] [VERSION...]
#
#   engine    only the engine
#   base      only the base images (an engine must answer)
#   all       both (default)
#   VERSION   Python releases, such as 3.11 3.13 (default: 3.11)
#
# The engine is the one that DOCKER_HOST names, else the one at the default
# socket; on Debian and Ubuntu, as root, one is installed and started if none
# answers. A base image is, first found: already there; python:X.Y-slim, from
# the engine or pulled; made here of Debian packages.
#
# Environment
#   DOCKER_HOST              the engine to use; it is then never installed or started
#   RUNBAY_SETUP_PREFIX      what the images' names begin with (default: runbay/)
#   RUNBAY_SETUP_PULL_WAIT   seconds a registry has to answer (default 10; 0: do not ask)
#   RUNBAY_SETUP_ENGINE_LOG  where an engine started by hand writes its log
#                            (default: /var/log/dockerd.log)
#
# Exit status: 0 all there, 64 wrong use, 69 no engine, 1 no base image.
set -euo pipefail

# A root shell opened by `su` may lack the places where dockerd lives.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

readonly prefix="${RUNBAY_SETUP_PREFIX-runbay/}"
readonly engine_log="${RUNBAY_SETUP_ENGINE_LOG:-/var/log/dockerd.log}"
readonly pull_wait="${RUNBAY_SETUP_PULL_WAIT:-10}"
readonly engine_wait=60
quiet=false

# ---- telling people -------------------------------------------------------

say() {
    "$quiet" || printf '%s\n' "setup: $*" >&2
}

# fail STATUS LINE...: the first line says what happened, the others what next.
fail() {
    local status="$1"
    shift
    printf '%s\n' "setup: $1" >&2
    shift
    [[ $# -eq 0 ]] || printf '       %s\n' "$@" >&2
    exit "$status"
}

usage() {
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"
}

# ---- the machine ----------------------------------------------------------

# os_is NAME: whether this is that system or one derived from it.
os_is() {
    [[ -r /etc/os-release ]] || return 1
    # shellcheck source=/dev/null
    (. /etc/os-release && [[ " ${ID:-} ${ID_LIKE:-} " == *" $1 "* ]])
}

is_root() {
    [[ "$(id -u)" -eq 0 ]]
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# apt_install STATUS PACKAGE...: quietly; a failure tells all and ends in STATUS.
apt_install() {
    local status="$1" log
    shift
    log="$(mktemp)"
    say "installing $* with apt"
    if ! apt_get update >"$log" 2>&1 || ! apt_get install -y --no-install-recommends "$@" >>"$log" 2>&1; then
        tail -n 15 "$log" >&2
        fail "$status" "apt could not install $*; its last words are above, all of them in $log" \
            "Once 'apt-get update && apt-get install $*' works, run this again."
    fi
    rm -f "$log"
}

apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# ---- the engine -----------------------------------------------------------

engine_answers() {
    has docker && timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

ensure_engine() {
    if engine_answers; then
        say "engine $(docker version --format '{{.Server.Version}}') answers"
        return
    fi
    if [[ -n "${DOCKER_HOST:-}" ]]; then
        fail 69 "no engine answers at DOCKER_HOST=$DOCKER_HOST$(client_hint)" \
            "Start that engine, or unset DOCKER_HOST to use the one of this machine."
    fi
    if ! os_is debian; then
        fail_for_other_systems
    fi
    if ! is_root; then
        fail_without_root
    fi
    install_engine
    start_engine
    wait_for_engine
    say "engine $(docker version --format '{{.Server.Version}}') answers"
}

client_hint() {
    has docker || printf ' (the docker command is missing, too)'
}

fail_without_root() {
    local socket=/var/run/docker.sock
    if [[ -S "$socket" && ! -w "$socket" ]]; then
        fail 69 "there is an engine, but $(id -un) may not use $socket" \
            "Run this as root, or join its group and log in again:" \
            "    sudo usermod -aG $(stat -c %G "$socket") $(id -un)" \
            "Whoever may use that socket owns this machine."
    fi
    fail 69 "no Docker Engine answers, and installing or starting one needs root" \
        "    sudo $0 engine" \
        "or set DOCKER_HOST to an engine elsewhere."
}

fail_for_other_systems() {
    local how="https://docs.docker.com/engine/install/ says how for your system"
    if [[ "$(uname -s)" == Darwin ]]; then
        how="brew install colima docker && colima start"
    elif os_is fedora || os_is rhel; then
        how="sudo dnf install -y moby-engine && sudo systemctl enable --now docker"
    elif os_is arch; then
        how="sudo pacman -S --noconfirm docker && sudo systemctl enable --now docker"
    elif os_is suse || os_is opensuse; then
        how="sudo zypper install -y docker && sudo systemctl enable --now docker"
    elif os_is alpine; then
        how="apk add docker && rc-update add docker && service docker start"
    fi
    fail 69 "no Docker Engine answers, and only on Debian and Ubuntu does this script install one" \
        "    $how" \
        "then run this again. Or set DOCKER_HOST to an engine elsewhere."
}

install_engine() {
    has dockerd || apt_install 69 docker.io iptables ca-certificates
    # Newer Debian has the client in a package of its own.
    has docker || apt_install 69 docker-cli
}

start_engine() {
    if engine_process >/dev/null; then
        return # the package started it; it needs a moment
    fi
    if [[ -d /run/systemd/system ]]; then
        say "starting the engine with systemd"
        systemctl enable --now docker >/dev/null 2>&1 && return
        fail 69 "systemd could not start docker.service" "    journalctl -u docker -n 50    says why."
    fi
    mount_cgroups
    say "starting dockerd (log: $engine_log)"
    # A session of its own, so that it outlives this terminal and `make`.
    setsid dockerd </dev/null >>"$engine_log" 2>&1 &
}

# engine_process: the id of a running dockerd, by its pid file.
engine_process() {
    local pid
    pid="$(cat /var/run/docker.pid 2>/dev/null)" || return 1
    [[ "$(cat "/proc/$pid/comm" 2>/dev/null)" == dockerd ]] && printf '%s\n' "$pid"
}

# Without an init system nobody may have mounted the control groups, and
# without them the engine does not start.
mount_cgroups() {
    local at=/sys/fs/cgroup
    if [[ -z "$(ls -A "$at" 2>/dev/null)" ]]; then
        mount -t cgroup2 none "$at" 2>/dev/null || true
    fi
}

wait_for_engine() {
    local since=$SECONDS told=0 waited
    until engine_answers; do
        waited=$((SECONDS - since))
        if ((waited >= engine_wait)); then
            show_engine_log
            fail 69 "the engine did not answer within $engine_wait s" \
                "The end of its log, if it has one, is above; all of it is in $engine_log or the journal."
        fi
        if ((waited >= 3)) && [[ ! -d /run/systemd/system ]] && ! engine_process >/dev/null; then
            show_engine_log
            fail 69 "dockerd stopped right after its start; the end of $engine_log is above" \
                "It needs a real or virtual machine, or a privileged container, with iptables and overlayfs."
        fi
        if ((waited >= told + 5)); then
            told=$waited
            say "waiting for the engine ($waited s of $engine_wait)"
        fi
        sleep 0.3
    done
}

show_engine_log() {
    [[ ! -r "$engine_log" ]] || grep -v 'level=info' "$engine_log" | tail -n 8 >&2 || true
}

# ---- base images ----------------------------------------------------------

has_image() {
    docker image inspect "$1" >/dev/null 2>&1
}

ensure_base() {
    local version="$1" image="${prefix}python:$1"
    if has_image "$image"; then
        say "$image is there"
    elif from_official_image "$version" "$image"; then
        say "$image is the official python:$version-slim"
    else
        from_debian_packages "$version" "$image"
        say "$image made of Debian packages, $(image_size "$image")"
    fi
}

image_size() {
    docker image inspect --format '{{.Size}}' "$1" | awk '{ printf "%.0f MB", $1 / 1000000 }'
}

from_official_image() {
    local official="python:$1-slim" image="$2"
    if ! has_image "$official" && ! pull "$official"; then
        return 1
    fi
    docker tag "$official" "$image"
}

# pull IMAGE: a registry that says nothing for $pull_wait seconds is taken for
# unreachable; one that has answered may take its time with the layers.
pull() {
    local image="$1" log pid since=$SECONDS status=0
    ((pull_wait > 0)) || return 1
    log="$(mktemp)"
    say "pulling $image"
    docker pull "$image" >"$log" 2>&1 &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        if ((SECONDS - since >= pull_wait)) && ! grep -q 'Pulling' "$log"; then
            kill "$pid" 2>/dev/null || true
            echo "no answer within $pull_wait s" >>"$log"
            break
        fi
        sleep 0.2
    done
    wait "$pid" || status=$?
    ((status == 0)) || say "cannot pull it: $(tail -n 1 "$log" | cut -c 1-160)"
    rm -f "$log"
    return "$status"
}

debian_release() {
    case "$1" in
        3.11) echo bookworm ;;
        3.13) echo trixie ;;
        *) return 1 ;;
    esac
}

from_debian_packages() {
    local version="$1" image="$2" release log id=""
    release="$(debian_release "$version")" || fail 1 \
        "Python $version can only come from a registry, and python:$version-slim could not be pulled" \
        "Debian has 3.11 and 3.13. Ask for one of those, or bring the image from a connected machine:" \
        "    docker save python:$version-slim | gzip > python.tar.gz     (there)" \
        "    docker load -i python.tar.gz && $0 base $version     (here)"
    ensure_mmdebstrap "$version"
    say "making $image of Debian $release packages (about half a minute)"
    log="$(mktemp)"
    # The name is given last: half an image must never be found under it.
    if ! id="$(bootstrap "$release" 2>"$log" | import 2>>"$log")" || ! docker tag "$id" "$image"; then
        [[ -z "$id" ]] || docker image rm "$id" >/dev/null 2>&1 || true
        tail -n 15 "$log" >&2
        fail 1 "could not make $image; the last words of mmdebstrap are above, all of them in $log" \
            "Usual causes: no Debian mirror in reach (does 'apt-get update' work?), or no disk space in ${TMPDIR:-/tmp}."
    fi
    rm -f "$log"
}

ensure_mmdebstrap() {
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    if has mmdebstrap && [[ -e "$keyring" ]]; then
        return
    fi
    if ! os_is debian; then
        fail 1 "no registry is in reach, and making an image of Debian packages needs mmdebstrap, which runs on Debian and Ubuntu" \
            "Load python:$1-slim from a connected machine (docker save, docker load) and run this again."
    fi
    is_root || fail 1 "making an image of Debian packages needs mmdebstrap, and installing it needs root" \
        "    sudo apt-get install -y --no-install-recommends mmdebstrap debian-archive-keyring"
    apt_install 1 mmdebstrap debian-archive-keyring
}

# bootstrap RELEASE: writes the root file system to stdout as a tar archive.
bootstrap() {
    local release="$1" source sources=() merge=()
    local hooks=/usr/share/mmdebstrap/hooks/maybe-merged-usr
    while read -r source; do
        sources+=("$source")
    done < <(debian_sources "$release")
    export_apt_proxies
    # Bookworm merges /usr with a package that pulls in all of Perl; the hook
    # does it beforehand, which makes the image a fifth smaller.
    [[ ! -d "$hooks" ]] || merge=("--hook-dir=$hooks" --include=usr-is-merged)
    # Credentials in a mirror's address are for making the image, not for it.
    # shellcheck disable=SC2016  # $1 is the hook's
    mmdebstrap --variant=minbase "${merge[@]}" \
        --include=python3,python3-venv,ca-certificates,tzdata,media-types \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/info/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-include=/usr/share/doc/*/copyright' \
        --aptopt='APT::Install-Recommends "false"' \
        --customize-hook='sed -i -E "s#//[^/@ ]+@#//#" "$1"/etc/apt/sources.list' \
        --customize-hook='rm -rf "$1"/var/cache/debconf/*-old "$1"/var/lib/dpkg/*-old "$1"/var/log/*.log "$1"/var/log/apt' \
        "$release" - "${sources[@]}"
}

# import: makes an image of the archive on stdin and writes its id to stdout.
import() {
    docker import \
        --change 'LABEL runbay.kind=python' \
        --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
        --change 'ENV LANG=C.UTF-8' \
        --change 'CMD ["python3"]' \
        --message 'Debian packages by images/setup.sh' \
        -
}

# debian_sources RELEASE: the mirrors this machine uses for its own Debian, as
# source lines for RELEASE. apt reads its files for us, in either format, and
# knows from the signed indexes which of them are Debian's own. Where it knows
# none, mmdebstrap has a default.
debian_sources() {
    has apt-get || return 0
    # shellcheck disable=SC2016  # the fields are apt's
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)|$(RELEASE)' 'Identifier: Packages' 2>/dev/null |
        awk -F'|' -v release="$1" '
            $1 != "Debian" || $3 != "main" { next }
            $2 == "Debian-Security" { suite = release "-security" }
            $2 == "Debian" { suite = release ($5 ~ /-updates$/ ? "-updates" : "") }
            $5 ~ /-(backports|proposed)/ { next }
            !seen[$4, suite]++ { print "deb", $4, suite, "main" }'
}

# mmdebstrap leaves the settings of this machine's apt aside; without its
# proxy nothing may be in reach.
export_apt_proxies() {
    local found
    has apt-config || return 0
    found="$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
    if [[ -n "$found" ]]; then
        eval "export ${found//$'\n'/ }"
    fi
}

# ---- the command line -----------------------------------------------------

main() {
    local what="" versions=() argument
    for argument in "$@"; do
        case "$argument" in
            --quiet | -q) quiet=true ;;
            --help | -h) usage && exit 0 ;;
            engine | base | all) what="$argument" ;;
            3.[0-9] | 3.[0-9][0-9]) versions+=("$argument") ;;
            *) fail 64 "'$argument' is neither engine, base, all nor a Python release such as 3.11" "    $0 --help" ;;
        esac
    done
    what="${what:-all}"
    [[ ${#versions[@]} -gt 0 ]] || versions=(3.11)
    [[ "$what" == base ]] || ensure_engine
    [[ "$what" != engine ]] || return 0
    engine_answers || fail 69 "no engine answers" "    $0 engine"
    for argument in "${versions[@]}"; do
        ensure_base "$argument"
    done
}

main "$@"
