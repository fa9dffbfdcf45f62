#!/bin/sh
# Creates the virtual environment e2e/.venv with the Python clients that the tests drive.
# Running it again is cheap: pip finds everything in place.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv="$here/../.venv"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
