#!/bin/sh
# Fails, naming them, when Go files are not formatted as gofmt formats them.
set -eu
cd "$(dirname "$0")/.."
bad=$(find . -name '*.go' -not -path './.git/*' -exec gofmt -l {} +)
if [ -n "$bad" ]; then
	echo "format: not formatted; run gofmt -w on:" >&2
	echo "$bad" >&2
	exit 1
fi
