#!/bin/sh
# Looks up known vulnerabilities in the code that Parley reaches.
#
# A finding fails. A database that cannot be reached is skipped, and said so
# loudly, because a machine without the internet must still be able to build
# and test; set GOVULNDB to a mirror (or file:///…) to check there. Any other
# failure of the tool fails.
set -eu
cd "$(dirname "$0")/.."
GO=${GO:-go}

# Build the tool first, so that the limit below bounds the look-up alone.
tool=$("$GO" tool -modfile=tools/go.mod -n govulncheck)
out=$(mktemp)
trap 'rm -f "$out"' EXIT

set +e
timeout 300 "$tool" ${GOVULNDB:+-db "$GOVULNDB"} ./... >"$out" 2>&1
status=$?
set -e

case $status in
0)
	echo "vulnerabilities: none known"
	;;
3)
	cat "$out" >&2
	echo "vulnerabilities: FOUND: see above" >&2
	exit 1
	;;
*)
	if [ $status -eq 124 ] || grep -q 'fetching vulnerabilities' "$out"; then
		cat >&2 <<-END
		****************************************************************
		** SKIPPED: the look-up of known vulnerabilities.
		** Its database could not be reached, so NOTHING was checked.
		** $(tail -n 1 "$out" | cut -c 1-160)
		** Before a release, run tools/vulnerabilities.sh where it can be.
		****************************************************************
		END
		exit 0
	fi
	cat "$out" >&2
	echo "vulnerabilities: the check itself failed (status $status)" >&2
	exit 1
	;;
esac
