#!/bin/sh
# Runs every fuzz target of the module, one after the other, FUZZTIME each.
#
# The targets are found in the sources, so none has to be listed. A finding
# does not stop the rest; the exit status is 1 when there was any, and the
# failing input stays in testdata/fuzz, where plain `go test` repeats it.
set -u
cd "$(dirname "$0")/.." || exit 1
GO=${GO:-go}
FUZZTIME=${FUZZTIME:-60s}

out=$(mktemp)
trap 'rm -f "$out"' EXIT
count=0
failed=""

# try DIRECTORY TARGET: one run; its output is in $out.
try() {
	"$GO" test -timeout 0 -run '^$' -fuzz "^$2\$" -fuzztime "$FUZZTIME" -fuzzminimizetime 100x "./$1" >"$out" 2>&1 || deadline
}

# deadline: whether the only failure is that the time was up, with no input
# written. Before Go 1.27 the fuzzer sometimes reports its own deadline so
# (golang/go#75804).
deadline() {
	grep -qx '    context deadline exceeded' "$out" &&
		! grep -qE 'Failing input written|seed corpus entry' "$out"
}

targets=$(find . \( -name testdata -o -name '.?*' -o -name '_*' \) -prune -o -name '*_test.go' -print |
	sort | xargs grep -oE '^func Fuzz[A-Z][A-Za-z0-9_]*\(' /dev/null |
	sed -E 's|^\./||; s|^([^:]*):func (Fuzz[A-Za-z0-9_]*)\(|\1 \2|')

while read -r file target; do
	[ -n "$target" ] || continue
	count=$((count + 1))
	dir=$(dirname "$file")
	if try "$dir" "$target" && ! grep -q 'no fuzz tests to fuzz' "$out"; then
		printf 'ok    %s %s: %s\n' "$dir" "$target" "$(grep -oE 'execs: [0-9]+' "$out" | tail -n 1)"
	else
		failed="$failed $dir/$target"
		printf 'FAIL  %s %s\n' "$dir" "$target"
		sed 's/^/      /' "$out" | tail -n 25
	fi
done <<END
$targets
END

if [ $count -eq 0 ]; then
	echo "fuzz: no target found" >&2
	exit 1
fi
if [ -n "$failed" ]; then
	echo "fuzz: $count targets, findings in:$failed"
	exit 1
fi
echo "fuzz: $count targets, no findings ($FUZZTIME each)"
