#!/bin/bash
# build_monado.sh PREFIX - build Monado, the OpenXR runtime, with simulated devices only, into PREFIX (about 3 MB, 4 minutes on 2 cores).
#
# The source is Debian's own tarball, pinned by hash and fetched by apt from the archive that this machine uses.
# Nothing is changed outside PREFIX, and PREFIX appears only when everything is built. Root is not needed once the
# packages of monado-build.apt are installed. Exit status: 0 built or already there, 1 failed, 3 packages are missing.
set -euo pipefail

PREFIX=$(realpath -m "${1:?usage: build_monado.sh PREFIX}")
HERE=$(dirname "$(readlink -f "$0")")
TARBALL=monado_25.0.0+dfsg.orig.tar.xz
SHA256=ddfa1899078173bea3db98034dc8b990df727a169f490896570ff6e3bda72113

say() { echo "Monado: $*"; }
fail() { echo "Monado: $1" >&2; exit "${2:-1}"; }

if [ -x "$PREFIX/bin/monado-service" ] && [ -f "$PREFIX/share/openxr/1/openxr_monado.json" ]; then
    say "already in $PREFIX"
    exit 0
fi

installed=" $(dpkg-query --show --showformat '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^ii *//p' | tr '\n' ' ') "
missing=
while read -r package; do
    [[ $installed == *" $package "* ]] || missing+=" $package"
done <"$HERE/monado-build.apt"
[ -z "$missing" ] || fail "packages are missing that building it needs; install them with: apt-get install$missing" 3

mkdir -p "$(dirname "$PREFIX")"
WORK=$(mktemp -d "$PREFIX.build.XXXXXX")      # beside PREFIX: the move at the end is then atomic
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"

# The archives of this machine's own apt sources, Debian's main one among them; the hash says whether it is the right file.
archives=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sort -u)
for archive in $archives; do
    /usr/lib/apt/apt-helper -q -o APT::Sandbox::User=root -o Acquire::Retries=3 \
        download-file "${archive%/}/pool/main/m/monado/$TARBALL" "$TARBALL" "SHA256:$SHA256" >fetch.log 2>&1 && break
    rm -f "$TARBALL"
done
[ -f "$TARBALL" ] || fail "its source $TARBALL is in none of this machine's apt archives with the pinned hash ($(tail -1 fetch.log 2>/dev/null))"
echo "$SHA256  $TARBALL" | sha256sum --check --quiet || fail "$TARBALL has another hash than the pinned one"
say "source fetched"

mkdir source build stage
tar --extract --file "$TARBALL" --directory source --strip-components 1
patch --directory source --strip 1 --quiet <"$HERE/monado.patch"

flags=(-DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF -DBUILD_DOC=OFF -DXRT_BUILD_DRIVER_SIMULATED=ON -DXRT_BUILD_DRIVER_REMOTE=ON
    "-DCMAKE_C_FLAGS=-ffile-prefix-map=$WORK/source/=" "-DCMAKE_CXX_FLAGS=-ffile-prefix-map=$WORK/source/=")
for part in \
    FEATURE_{STEAMVR_PLUGIN,WINDOW_PEEK,DEBUG_GUI} \
    HAVE_{SDL2,OPENCV,GST,JPEG,LIBUVC,V4L2,LIBUSB,DBUS,LIBUDEV,FFMPEG,HIDAPI} \
    BUILD_DRIVER_{ANDROID,ARDUINO,BLUBUR_S1,DAYDREAM,DEPTHAI,EUROC,HANDTRACKING,HDK,HYDRA,ILLIXR,NS,OHMD,OPENGLOVES,PSMV} \
    BUILD_DRIVER_{PSSENSE,PSVR,QWERTY,REALSENSE,RIFT_S,ROKID,SIMULAVR,STEAMVR_LIGHTHOUSE,SURVIVE,TWRAP,ULV2,ULV5,VF,VIVE,WMR,XREAL_AIR}
do
    flags+=("-DXRT_$part=OFF")
done
cmake -G Ninja "${flags[@]}" -S source -B build >build.log 2>&1 || { tail -20 build.log >&2; fail "cmake failed"; }
NINJA_STATUS='[%f of %t] ' nice -n 5 ninja -C build monado-service openxr_monado 2>&1 | tee -a build.log |
    awk 'match($0, /^\[[0-9]+ of [0-9]+\]/) { if (++n % 25 == 0) { print "Monado: built " substr($0, 2, RLENGTH - 2); fflush() } }' ||
    { tail -20 build.log >&2; fail "the build failed"; }

mkdir -p stage/{bin,lib,share/openxr/1}
cp build/src/xrt/targets/service/monado-service stage/bin/
cp build/src/xrt/targets/openxr/libopenxr_monado.so stage/lib/
cat >stage/share/openxr/1/openxr_monado.json <<'JSON'
{"file_format_version": "1.0.0", "runtime": {"name": "Monado", "library_path": "../../../lib/libopenxr_monado.so"}}
JSON
chmod 755 stage
rm -rf "$PREFIX"
mv stage "$PREFIX"
say "ready in $PREFIX"
