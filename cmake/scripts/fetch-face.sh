#!/usr/bin/env bash
# The face that the camera tests show when there is no ../shared: NASA's portrait of Eileen Collins (public domain), which
# Debian's python3-skimage carries. Taken out of the package and never installed: installing it would pull Boost 1.74.
#   cmake/scripts/fetch-face.sh [FOLDER]       FOLDER/astronaut.png, by default build/face
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
folder=${1:-$root/build/face}
picture=$folder/astronaut.png
[ -s "$picture" ] && exit 0
say "taking the picture of a face out of Debian's python3-skimage"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# apt fetches as its own user when root asks: that user must be able to write here.
if [ "$(id -u)" = 0 ] && id _apt >/dev/null 2>&1; then chown _apt "$scratch"; fi
chmod 755 "$scratch"
cd "$scratch"
apt-get download -q python3-skimage >apt.log 2>&1 ||
  { as_root apt-get update -q >/dev/null 2>&1 && apt-get download -q python3-skimage >apt.log 2>&1; } ||
  { cat apt.log >&2; die "no picture of a face: the tests in front of a camera will say that they were skipped"; }
dpkg-deb -x python3-skimage_*.deb package
mkdir -p "$folder"
# Beside and renamed: what has the name is whole.
cp package/usr/lib/python3/dist-packages/skimage/data/astronaut.png "$picture.new"
mv "$picture.new" "$picture"
