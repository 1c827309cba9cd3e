# Sourced by ./run and ./check: installs what is missing, picks the build folder.
set -euo pipefail

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() { printf 'assay: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "needs root or sudo to install packages ($*)"; fi
}

# install_packages GROUP…: the Debian packages of these groups that are missing, and Node.js when there is none.
install_packages() {
  local missing=() group name groups=" $* "
  while read -r group name _; do
    case "$group" in ''|'#'*) continue ;; esac
    case "$groups" in *" $group "*) ;; *) continue ;; esac
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done <"$root/packages.txt"
  # A machine that has a Node.js of its own keeps it.
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
  if [ "${#missing[@]}" -gt 0 ]; then
    say "installing ${#missing[@]} Debian packages"
    # Assay starts a cluster of its own; Debian's default one would only occupy the machine.
    if [ ! -e /usr/lib/postgresql/15/bin/postgres ]; then
      as_root mkdir -p /etc/postgresql-common
      if ! grep -qs '^create_main_cluster' /etc/postgresql-common/createcluster.conf; then
        echo 'create_main_cluster = false' | as_root tee -a /etc/postgresql-common/createcluster.conf >/dev/null
      fi
    fi
    as_root apt-get update -q >/dev/null
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
      -o Dpkg::Options::=--force-confold "${missing[@]}" >"$root/build/apt.log" 2>&1 ||
      { tail -20 "$root/build/apt.log" >&2; die "apt-get could not install: ${missing[*]}"; }
  fi
  local major; major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
  [ "$major" -ge 18 ] || die "Node.js $(node --version) is too old: Assay is built and tested with Debian 12's 18"
  [ "$major" = 18 ] || say "Node.js $(node --version) here; the project is pinned to what Debian 12's Node.js 18 runs"
}

# install_npm: exactly what the lock names, once for each lock.
install_npm() {
  local stamp="$root/web/node_modules/.assay-lock" lock
  lock=$(sha256sum "$root/web/package-lock.json" | cut -d' ' -f1)
  [ "$(cat "$stamp" 2>/dev/null)" = "$lock" ] && return
  say "installing the browser side's npm packages"
  (cd "$root/web" && npm ci --no-audit --no-fund --loglevel=error >&2)
  echo "$lock" >"$stamp"
}

# build PRESET [TARGET…]
build() {
  local preset=$1; shift
  say "building ($preset)"
  (cd "$root" && cmake --preset "$preset" >"build/$preset-configure.log" 2>&1) ||
    { tail -30 "$root/build/$preset-configure.log" >&2; die "cmake --preset $preset failed"; }
  (cd "$root" && cmake --build --preset "$preset" ${1:+--target "$@"} -- --quiet >&2)
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
mkdir -p "$root/build"
