#!/usr/bin/env bash
# Makes the service's image without a registry, of a binary that was built here and
# of this machine's libraries: the last stage of the Dockerfile, word for word.
#
#   deploy/image.sh [BINARY [IMAGE]]      default: target/release/runbay runbay:local
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
binary=${1:-${CARGO_TARGET_DIR:-$here/target}/release/runbay}
image=${2:-runbay:local}

[[ -x "$binary" ]] || {
    echo "image: $binary is not there: cargo build --release" >&2
    exit 66
}
[[ $(id -u) -eq 0 ]] || {
    echo "image: the folders in the image belong to another user, which takes root: sudo $0 $*" >&2
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/deploy/rootfs.sh" "$work/rootfs" "$binary"
sed -n '/^FROM scratch/,$p' "$here/Dockerfile" |
    sed 's#^COPY --from=build /rootfs /#ADD rootfs.tar /#' >"$work/Dockerfile"
# As an archive, so that owners and modes of folders are kept by every builder.
tar -C "$work/rootfs" --sort=name --mtime=@0 -cf "$work/rootfs.tar" .
rm -rf "$work/rootfs"
docker build --quiet --tag "$image" "$work" >/dev/null
docker image inspect --format '{{.Size}}' "$image" |
    awk -v image="$image" '{ printf "%s: %.1f MB\n", image, $1 / 1000000 }'
