#!/usr/bin/env bash
# Puts a real VS Code (code-server, web workbench with a Node extension host) and a driver for Debian's
# Chromium into .vscode-e2e/ in the repository root, which git ignores. Safe to run again: what is there stays.
#
#   scripts/setup_vscode_e2e.sh            set up what is missing, then print the folder
#   scripts/setup_vscode_e2e.sh --force    throw the folder away first
set -euo pipefail

CODE_SERVER=4.100.3 # newer releases want a newer Node than 20
PLAYWRIGHT=1.65.1

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dir=$root/.vscode-e2e
vscode=$dir/node_modules/code-server/lib/vscode
stamp=$dir/ready-$CODE_SERVER-$PLAYWRIGHT

[[ ${1:-} == --force ]] && rm -rf "$dir"
mkdir -p "$dir"
log=$dir/setup.log

say() { printf 'setup_vscode_e2e: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# Debian packages: the browser, the search tool that VS Code's explorer needs, what argon2 compiles with.
missing=()
for pair in chromium:chromium rg:ripgrep make:make g++:g++ python3:python3 pkg-config:pkg-config; do
  command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
done
if ((${#missing[@]})); then
  command -v apt-get >/dev/null || fail "missing: ${missing[*]}; install them with your system's package manager"
  [[ $(id -u) == 0 ]] || fail "missing: ${missing[*]}; run: sudo apt-get install ${missing[*]}"
  say "installing ${missing[*]}"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}"; } >"$log" 2>&1 \
    || fail "apt-get could not install ${missing[*]}; see $log"
fi
command -v node >/dev/null || fail "Node 20 or newer is needed"

if [[ ! -e $stamp ]]; then
  say "installing code-server $CODE_SERVER and playwright-core $PLAYWRIGHT (about 330 MB, half a minute)"
  export XDG_CONFIG_HOME=$dir/xdg XDG_DATA_HOME=$dir/xdg npm_config_audit=false npm_config_fund=false
  # Node's headers are beside its binary, or argon2's build would fetch them from elsewhere.
  npm_config_nodedir=$(cd "$(dirname "$(readlink -f "$(command -v node)")")/.." && pwd)
  export npm_config_nodedir
  {
    cd "$dir"
    rm -f ready-*
    echo '{"private":true}' >package.json
    # A plain install fails: its postinstall downloads a ripgrep that is not needed with Debian's.
    npm i --ignore-scripts "code-server@$CODE_SERVER" "playwright-core@$PLAYWRIGHT"
    npm rebuild argon2 # the one native module that code-server cannot start without
    (cd "$vscode" && npm install --omit=dev --ignore-scripts)
    (cd "$vscode/extensions" && npm install --omit=dev --ignore-scripts)
    cd "$vscode"
    ln -sfn node_modules node_modules.asar
    ln -sf code-linux.sh bin/remote-cli/code-server
    ln -sf browser-linux.sh bin/helpers/browser.sh
    mkdir -p node_modules/@vscode/ripgrep/bin
    ln -sf "$(command -v rg)" node_modules/@vscode/ripgrep/bin/rg
  } >"$log" 2>&1 || fail "installing failed; see the end of $log"
  touch "$stamp"
fi
echo "$dir"
