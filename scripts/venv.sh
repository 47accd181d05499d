#!/usr/bin/env bash
# Makes .venv with everything that development needs, from requirements-dev.txt (pinned). Safe to run again.
# On a bare Debian the module venv lacks ensurepip; then virtualenv or, as root, python3-venv is fetched.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
stamp=.venv/.koze-lsp-$(cat requirements-dev.txt pyproject.toml | sha256sum | cut -c1-16)
[ -e "$stamp" ] && exit 0
if ! command -v "$python" >/dev/null; then
  echo "make: Python 3.10 or newer is needed, and '$python' was not found" >&2
  exit 1
fi
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
  echo "make: Python 3.10 or newer is needed; $("$python" --version) was found (set PYTHON=…)" >&2
  exit 1
}
make_venv() {
  "$python" -m venv .venv 2>/dev/null && return
  rm -rf .venv
  "$python" -m virtualenv -q .venv 2>/dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null && "$python" -m venv .venv && return
  fi
  echo "make: could not make a virtual environment; install python3-venv (Debian: apt-get install python3-venv)" >&2
  return 1
}
[ -x .venv/bin/python ] || make_venv
.venv/bin/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
rm -f .venv/.koze-lsp-*
touch "$stamp"
