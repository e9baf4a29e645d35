# Everything a developer runs. Each target is one command or a few; what needs
# more than that is a script in .ci. `make` alone lists the targets.

GO       ?= go
FUZZTIME ?= 1m

.DEFAULT_GOAL := help
.PHONY: help build test packages check race bench fuzz nightly run sweep report release clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build the binary ./armillary
	$(GO) build -o armillary .

test: packages check ## check, run every test, list what was skipped; CI runs this
	@GO='$(GO)' .ci/tests ./...

packages:
	@.ci/packages

check: ## gofmt and go vet
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...

race: ## run every test with the race detector
	@GO='$(GO)' .ci/tests -race ./...

bench: ## run the benchmarks: worlds per second, ratio to bare cryptography, nanoseconds per event
	$(GO) test -run '^$$' -bench . ./...

fuzz: ## fuzz every native target, each for FUZZTIME (1m)
	@GO='$(GO)' FUZZTIME=$(FUZZTIME) .ci/fuzz

nightly: ## every native target 60 s, the state machines under a new seed, a search for every defect in 100000 worlds
	@GO='$(GO)' .ci/nightly

run: ## attack the reference with every scenario
	$(GO) run . run

sweep: ## the kill matrix: every defect against every scenario
	$(GO) run . sweep defects

report: run ## attack the reference and say where the report is
	@echo "open out/report.html in a browser"

release: ## static programs, container images and SHA256SUMS into dist, built twice and compared
	@GO='$(GO)' .ci/release

clean: ## remove the binary, the release and the results of runs
	rm -rf armillary dist out
