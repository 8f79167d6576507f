# Parley: build it, run it, prove it. `make help` lists the targets.
#
# Nothing here needs the network once the modules are in the module cache,
# except the look-up of known vulnerabilities, which says so when it is skipped.

GO      ?= go
ARGS    ?=
FUZZTIME ?= 60s
SOAK    ?= 30m
SEED    ?= $(shell date +%s)

TOOL := $(GO) tool -modfile=tools/go.mod

.DEFAULT_GOAL := help
.PHONY: help run demo-check build verify-page test interop needs lint man race fuzz model kills soak bench bench-quick

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build, then show a line between two stations (ARGS="…" is passed on)
	bin/parley demo $(ARGS)

demo-check: build ## the same without a person: cuts, kills, and an account of every message
	bin/parley demo --check $(ARGS)

build: ## bin/parley and bin/parley-verify, static and reproducible
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/parley ./cmd/parley
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/parley-verify ./cmd/parley-verify

verify-page: ## bin/parley-verify.html, the verifier as one page that needs no server and no network
	$(GO) run ./cmd/parley-verify-page -out bin/parley-verify.html

test: needs lint ## everything a change must pass
	$(GO) test -timeout 20m ./...
	$(GO) test -race -short -timeout 20m -p 2 ./...
	@$(MAKE) --no-print-directory interop

interop: build ## the second implementation, in JavaScript, against the vectors and against these programs
	@tools/interop.sh

needs: ## install what the tests use, where that is missing and possible
	@tools/needs.sh

lint: ## gofmt, go vet, staticcheck, known vulnerabilities
	@tools/format.sh
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	@tools/vulnerabilities.sh

man: ## docs/man, the man pages, from the commands as they are now
	$(GO) test -count=1 -run '^TestManPages$$' ./cmd/parley -man

race: ## the whole test suite, long tests too, under the race detector
	$(GO) test -race -timeout 20m -p 2 ./...

fuzz: ## every fuzz target for FUZZTIME each (default 60s)
	@FUZZTIME=$(FUZZTIME) tools/fuzz.sh

model: ## search the model of the exchange, the large searches too (docs/model.md)
	PARLEY_MODEL=large $(GO) test -count=1 -v -timeout 0 ./spec/promela

kills: ## kill either station at every step of a restore, and of what follows it
	PARLEY_KILLS=all $(GO) test -count=1 -v -timeout 0 -run '^TestRestoredAndKilled$$' ./internal/station

soak: ## two stations in bad hours for SOAK (default 30m), drawn from SEED
	PARLEY_SOAK=$(SOAK) PARLEY_SEED=$(SEED) $(GO) test -count=1 -v -timeout 0 -run '^TestSoak$$' ./internal/lab

bench: ## measure everything beside its floor, and write docs/benchmarks.md and .json
	$(GO) run -trimpath ./cmd/parley-bench -out docs

bench-quick: ## the same on small counts, to standard output
	$(GO) run -trimpath ./cmd/parley-bench -quick
