#!/bin/bash
# get_monado.sh PREFIX - Monado and Mesa of Debian trixie, unpacked into PREFIX beside the system (570 MB, about a minute).
#
# For machines where build_monado.sh cannot build (no root for its packages, no source): nothing of the system is
# changed, root is not needed, only apt and dpkg-deb. The packages need a newer C library than the system has, so they
# bring it along, and programs that load them start through PREFIX/bin/with-monado; `visavis` does that by itself.
# This Monado is Debian's own: 20 Hz, no transparency. Exit status: 0 there, 1 failed.
set -euo pipefail

PREFIX=$(realpath -m "${1:?usage: get_monado.sh PREFIX}")
KEY=/usr/share/keyrings/debian-archive-keyring.gpg

say() { echo "Monado: $*"; }
fail() { echo "Monado: $1" >&2; exit 1; }

if [ -x "$PREFIX/bin/monado-service" ] && [ -f "$PREFIX/share/openxr/1/openxr_monado.json" ]; then
    say "already in $PREFIX"
    exit 0
fi
[ "$(dpkg --print-architecture)" = amd64 ] || fail "the unpacked packages are for amd64 only; use build_monado.sh"
[ -f "$KEY" ] || fail "$KEY is missing, which verifies the packages; install debian-archive-keyring"

mkdir -p "$(dirname "$PREFIX")"
WORK=$(mktemp -d "$PREFIX.get.XXXXXX")        # beside PREFIX: the move at the end is then atomic
trap 'rm -rf "$WORK"' EXIT
mkdir -p "$WORK"/apt/{etc,state/lists/partial,cache/archives/partial} "$WORK"/stage/{root,bin,share/openxr/1}
: >"$WORK/apt/status"

# An apt of its own that believes nothing is installed; it knows this machine's Debian archive, and signatures are checked.
apt-get indextargets --format 'deb [signed-by='"$KEY"'] $(REPO_URI) trixie main' 'Created-By: Packages' |
    grep -E '/debian/? trixie' | sort -u >"$WORK/apt/etc/sources.list" || true
[ -s "$WORK/apt/etc/sources.list" ] || fail "this machine's apt sources name no Debian archive"
cat >"$WORK/apt/apt.conf" <<CONF
Dir::Etc "$WORK/apt/etc"; Dir::Etc::sourcelist "$WORK/apt/etc/sources.list"; Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null"; Dir::State "$WORK/apt/state"; Dir::State::status "$WORK/apt/status";
Dir::Cache "$WORK/apt/cache"; APT::Architecture "amd64"; APT::Architectures "amd64"; APT::Install-Recommends "false";
Acquire::Languages "none"; Acquire::Retries "3"; APT::Sandbox::User "root";
CONF
export APT_CONFIG=$WORK/apt/apt.conf
apt-get -qq update >"$WORK/apt.log" 2>&1 || { tail -3 "$WORK/apt.log" >&2; fail "the package lists could not be fetched"; }
say "fetching about 175 MB of packages"
apt-get -qq -y --download-only install libopenxr1-monado libgl1-mesa-dri mesa-vulkan-drivers libegl1 libegl-mesa0 libgl1 \
    libgles2 libglx-mesa0 libgbm1 >"$WORK/apt.log" 2>&1 || { tail -3 "$WORK/apt.log" >&2; fail "the packages could not be fetched"; }

debs=("$WORK"/apt/cache/archives/*.deb)
for index in "${!debs[@]}"; do
    dpkg-deb --fsys-tarfile "${debs[index]}" | tar --extract --directory "$WORK/stage/root" --no-same-owner \
        --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/locale' \
        --exclude='./usr/share/proj' --exclude='./usr/share/iso-codes' --exclude='./usr/share/xml'
    rm "${debs[index]}"
    (((index + 1) % 50)) || say "unpacked $((index + 1)) of ${#debs[@]}"
done

cat >"$WORK/stage/bin/with-monado" <<'RUN'
#!/bin/bash
# with-monado PROGRAM ARGUMENTS... - run a program on the libraries that stand beside this script.
R=$(dirname "$(dirname "$(readlink -f "$0")")")/root
export VISAVIS_LIBRARIES=$R
L=$R/usr/lib/x86_64-linux-gnu
export VK_DRIVER_FILES=$R/usr/share/vulkan/icd.d/lvp_icd.json VK_ICD_FILENAMES=$R/usr/share/vulkan/icd.d/lvp_icd.json
export __EGL_VENDOR_LIBRARY_FILENAMES=$R/usr/share/glvnd/egl_vendor.d/50_mesa.json
export LIBGL_DRIVERS_PATH=$L/dri GBM_BACKENDS_PATH=$L/gbm LIBGL_ALWAYS_SOFTWARE=1
program=$(command -v "$1"); shift
exec "$L/ld-linux-x86-64.so.2" --library-path "$L:$R/usr/lib:$L/blas:$L/lapack:$L/pulseaudio" --argv0 "$program" "$program" "$@"
RUN
cat >"$WORK/stage/bin/monado-service" <<'RUN'
#!/bin/bash
bin=$(dirname "$(readlink -f "$0")")
exec "$bin/with-monado" "$bin/../root/usr/bin/monado-service" "$@"
RUN
chmod 755 "$WORK/stage" "$WORK"/stage/bin/*
library=$(cd "$WORK/stage/root" && find usr/lib -name 'libopenxr_monado.so*' | head -1)
[ -n "$library" ] && [ -x "$WORK/stage/root/usr/bin/monado-service" ] || fail "the packages do not hold Monado"
echo '{"file_format_version": "1.0.0", "runtime": {"name": "Monado", "library_path": "../../../root/'"$library"'"}}' \
    >"$WORK/stage/share/openxr/1/openxr_monado.json"
rm -rf "$PREFIX"
mv "$WORK/stage" "$PREFIX"
say "ready in $PREFIX"
