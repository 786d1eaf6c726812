#!/usr/bin/env bash
# Lays out the file system of the service's image: the binary, the libraries it
# needs, certificates, and the folders it works on. No shell, no package manager.
#
#   deploy/rootfs.sh FOLDER BINARY
#
# Runs where the binary was built, for its libraries are those of that system:
# inside the Dockerfile, and on a Debian machine for an image without a registry.
set -euo pipefail

root=${1:?usage: deploy/rootfs.sh FOLDER BINARY}
binary=${2:?usage: deploy/rootfs.sh FOLDER BINARY}
here=$(cd "$(dirname "$0")/.." && pwd)
certificates=/etc/ssl/certs/ca-certificates.crt

[[ ! -e "$root" ]] || { echo "rootfs: $root is there already" >&2; exit 73; }
[[ -r "$certificates" ]] || {
    echo "rootfs: $certificates is missing: apt-get install ca-certificates" >&2
    exit 69
}

mkdir -p "$root"/{etc/ssl/certs,usr/local/bin,usr/share/runbay,tmp,srv/runbay/tasks,var/lib/runbay/data,var/lib/runbay/keys}
install -m 755 "$binary" "$root/usr/local/bin/runbay"
install -m 644 "$certificates" "$root$certificates"

# `ldd` names each library with its place; the loader's name is in the binary. By
# their real names, since the loader looks where the binary says.
ldd "$binary" | grep -oE '/[^ ]+' | sort -u | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    install -m 755 "$(realpath "$library")" "$root$library"
done

printf 'root:x:0:0:root:/:/nowhere\nrunbay:x:10001:10001:Runbay:/srv/runbay:/nowhere\n' >"$root/etc/passwd"
printf 'root:x:0:\nrunbay:x:10001:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"

# The templates of environments that tasks may name. Not in the home folder, which is
# a volume, so that a newer image brings newer ones.
for template in "$here"/images/*/template.toml; do
    name=$(basename "$(dirname "$template")")
    mkdir -p "$root/usr/share/runbay/images/$name"
    install -m 644 "$template" "$root/usr/share/runbay/images/$name/"
done

# What a volume begins with is what the image has there, owner and mode included.
chmod 1777 "$root/tmp"
chmod 700 "$root"/var/lib/runbay/{data,keys}
if [[ $(id -u) -eq 0 ]]; then
    chown -R 10001:10001 "$root/srv/runbay" "$root/var/lib/runbay"
fi
