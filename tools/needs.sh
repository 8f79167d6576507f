#!/bin/sh
# Installs what the tests use beyond Go, only where it is missing.
#
# Nothing here is needed to build or run Parley. Where installing is not
# possible, the tests that need the thing skip, and this says which.
set -u
cd "$(dirname "$0")/.." || exit 1

missing=""
skips=""

# need COMMAND PACKAGE WHAT-SKIPS: counts only where a test runs the command.
need() {
	[ "$1" = gcc ] || grep -rqE --include='*_test.go' "exec\\.(LookPath|Command|CommandContext)\\([^)]*\"$1\"" . || return 0
	command -v "$1" >/dev/null 2>&1 && return 0
	missing="$missing $2"
	skips="$skips
  $1 ($2): $3"
}

check() {
	missing=""
	skips=""
	need gcc "gcc libc6-dev" "the race detector cannot be built: 'make test' stops at its second half"
	need strace strace "tests that fail one system call at a time"
	need spin spin "the search of the model of the exchange (docs/model.md)"
	need ip iproute2 "tests in network namespaces"
	need chromium chromium "the verifier's page in a real browser"
	need fusermount3 fuse3 "tests on a file system that fails under them"
}

check
[ -z "$missing" ] && exit 0

if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	echo "needs: installing$missing"
	export DEBIAN_FRONTEND=noninteractive
	# A stale package list is the usual reason for a first failure.
	# shellcheck disable=SC2086 # one word per package
	timeout 300 apt-get install -y -q --no-install-recommends $missing >/dev/null 2>&1 ||
		{ timeout 300 apt-get update -q >/dev/null 2>&1 &&
			timeout 600 apt-get install -y -q --no-install-recommends $missing >/dev/null 2>&1; }
	check
	[ -z "$missing" ] && exit 0
fi

cat >&2 <<END
****************************************************************
** MISSING, and not installed here (needs root and apt-get).
** Skipped without them:$skips
** On Debian: apt-get install$missing
****************************************************************
END
exit 0
