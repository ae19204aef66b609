# Shared by the scripts of this folder: source it, do not run it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
home=${MLESTAR_HOME:-$HOME/.mlestar}

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Runs a command as root, directly or by sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else fail "need root to run '$*': run it by hand, then start again"
    fi
}

# Installs Debian packages that are missing; quick when none is.
need_packages() {
    local missing=()
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    command -v apt-get >/dev/null || fail "these packages are missing and apt-get is not here: ${missing[*]}"
    say "installing ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
        fail "could not install ${missing[*]}"
}

need_swift() {
    command -v swift >/dev/null || fail "Swift 6.3 or newer is needed; see https://www.swift.org/install"
    local version
    version=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | grep -oE '[0-9]+\.[0-9]+' | head -n 1)
    [ "$(printf '6.3\n%s\n' "$version" | sort -V | head -n 1)" = 6.3 ] ||
        fail "Swift $version is too old; 6.3 or newer is needed, see https://www.swift.org/install"
}

# What building and running needs.
need_build_packages() { need_packages libzmq3-dev libsqlite3-dev libcurl4-openssl-dev python3 python3-venv unzip bubblewrap; }

# What tests of clusters start for real.
need_cluster_packages() { need_packages slurm-wlm munge openssh-server openssh-client; }

# The interpreter of the 'core' environment.
core_python() { printf '%s/envs/core/bin/python' "$home"; }
