# rota: make help says what there is. Everything works in a fresh clone with Go and a C compiler.
.DEFAULT_GOAL := help
.PHONY: help check build demo test bench interop fuzz lint clean

TESTFLAGS := $(if $(CI),-race -shuffle=on)
FUZZTIME  ?= 20s

help: ## say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 20

check:
	@command -v go >/dev/null || { echo "rota needs Go 1.26 or newer: https://go.dev/dl" >&2; exit 1; }
	@go list -m >/dev/null 2>&1 || { echo "rota needs Go 1.26 or newer; this is $$(go version | cut -d' ' -f3): https://go.dev/dl" >&2; exit 1; }
	@command -v $$(go env CC | cut -d' ' -f1) >/dev/null || { echo "rota needs a C compiler for SQLite, such as gcc or clang (apt install gcc)" >&2; exit 1; }
	@[ "$$(go env CGO_ENABLED)" = 1 ] || { echo "rota needs cgo for SQLite: unset CGO_ENABLED" >&2; exit 1; }

build: check ## build bin/rota and bin/rotabench
	@mkdir -p bin
	@go build -o bin/ ./cmd/rota ./cmd/rotabench

demo: check ## the whole job on an invented team, in a fresh folder
	@mkdir -p bin
	@[ -x bin/rota ] || echo "Building bin/rota; the first time takes about a minute."
	@go build -o bin/ ./cmd/rota
	@sh testdata/demo.sh bin/rota testdata/teams/harbor.yaml

test: check ## run the tests (with CI=1: with the race detector, in random order)
	@go test $(TESTFLAGS) ./...

bench: check ## run the benchmarks
	@go test -run '^$$' -bench . -benchmem ./...

interop: check ## let independent calendars read our feeds (needs Debian's khal, vdirsyncer, libical and npm)
	@sh calendar/interop/run.sh

# The go command at times calls the end of its time a failure, of no input: that is none.
fuzz: check ## fuzz every reader for FUZZTIME each
	@grep -rl --include='*_test.go' '^func Fuzz' . | while read -r file; do \
	  sed -nE 's/^func (Fuzz[A-Za-z0-9]*)\(.*/\1/p' "$$file" | while read -r target; do \
	    echo "$$target in $$(dirname "$$file")"; \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")" </dev/null >fuzz.log 2>&1 \
	      || { grep -q '^    context deadline exceeded$$' fuzz.log && ! grep -q 'Failing input' fuzz.log; } || { cat fuzz.log; rm -f fuzz.log; exit 1; }; \
	  done || exit 1; \
	done; code=$$?; rm -f fuzz.log; exit $$code

lint: check ## formatting, vet and staticcheck
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "format these with gofmt -w" >&2; exit 1; }
	@go vet ./...
	@go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

clean: ## remove what was built
	@rm -rf bin fuzz.log
