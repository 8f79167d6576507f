#!/bin/sh
# Holds the programs against the second implementation in interop/, which was
# written from spec/ alone: vectors, examples, and two lines end to end.
#
# It needs Node and four pinned packages. Where those are missing this says so
# and succeeds: nothing of Parley itself depends on them.
set -u
cd "$(dirname "$0")/.." || exit 1

skipped() {
	cat >&2 <<END
****************************************************************
** SKIPPED: the second implementation (interop/): $1
****************************************************************
END
	exit 0
}

command -v node >/dev/null 2>&1 || skipped "node is not here"
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
	skipped "it needs node 20.19 or later, not $(node --version)"
command -v npm >/dev/null 2>&1 || skipped "npm is not here"
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
if ! (cd interop && timeout 300 npm ci --ignore-scripts --no-audit --no-fund) >"$log" 2>&1; then
	# A lock file that does not fit, or other bytes than pinned, are no reason to skip.
	grep -qE 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|E40[0-9]|E50[0-9]' "$log" || [ ! -s "$log" ] ||
		{ cat "$log" >&2; exit 1; }
	skipped "its packages cannot be had: $(grep -m 1 -E 'npm (error|ERR!)' "$log")"
fi

PARLEY=$PWD/bin/parley
PARLEY_VERIFY=$PWD/bin/parley-verify
export PARLEY PARLEY_VERIFY
failed=""
for part in "vectors.mjs spec/vectors" "examples.mjs spec" "differ.mjs spec 100" talk.mjs later.mjs; do
	echo "interop: $part"
	# shellcheck disable=SC2086 # a program and its arguments
	node interop/$part || failed="$failed ${part%%.*}"
done
[ -z "$failed" ] || { echo "interop: FAILED:$failed" >&2; exit 1; }
echo "interop: the two implementations understand each other"
