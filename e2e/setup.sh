#!/bin/sh
# Installs what the tests from outside need and the machine lacks: npm packages, Debian's Chromium, Python's venv and
# the Python clients. Running it again is cheap.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

debian() {
    as_root=""
    [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root apt-get update -qq
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# A copy of the lockfile lies beside what was installed from it: where they agree there is nothing to do.
packages() {
    cmp -s "$1/package-lock.json" "$1/node_modules/.stamp" && return
    npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund
    cp "$1/package-lock.json" "$1/node_modules/.stamp"
}

packages "$here"
packages "$here/../sdk"

[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || debian chromium

python3 -c 'import ensurepip, venv' 2>/dev/null || debian python3-venv
sh "$here/python/setup.sh"
