# Casemate. `make help` lists what there is. Nothing but git, make and apt is assumed: what a target needs is installed by
# it, and named as it is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# A go from .cache, when scripts/lib.sh had to fetch one, comes before the machine's; and so does a runsc from bin.
export PATH := $(CURDIR)/.cache/go/bin:$(CURDIR)/bin:$(PATH)
TOOL := go tool -modfile=tools/go.mod
# Sandboxes need root. Packages share the machine's two cores and one cgroup tree, so few run at a time.
TEST_NEEDS := deps-test build venv crypto image grpcurl runsc clients
GOTEST := CASEMATE_AGENT_PATH=$(CURDIR)/bin/sandbox-agent go test -p 2 -timeout 9m

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  \033[1m%-16s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## the main job: both daemons, mTLS, the seed's programs on the real Python SDK in a real sandbox
	@scripts/demo.sh

.PHONY: up
up: build image ## start both daemons in the background; writes .casemate/env for clients
	@scripts/stack.sh up

.PHONY: down
down: ## stop what `make up` started; data stays in .casemate
	@scripts/stack.sh down

.PHONY: build
build: ## static binaries in bin/: secretsd, sandboxd, sandbox-agent, casemate
	@scripts/build.sh

.PHONY: venv crypto image grpcurl runsc
venv: ## the public Python SDK in .cache/venv
	@scripts/venv.sh
crypto: ## what the tests of keys need, in .cache/crypto: AWS's KMS as moto serves it, and Python's cryptography
	@scripts/crypto.sh
image: ## the image python:3.11 in .cache/images, made from Debian packages
	@scripts/image.sh
grpcurl: ## grpcurl in bin/
	@scripts/grpcurl.sh
runsc: ## gVisor's runsc in bin/, at the pinned version; two minutes, once
	@scripts/runsc.sh

.PHONY: clients-python
clients-python: ## the Python client: sdist and wheel in .cache/python/dist, installed into fresh environments
	@scripts/python.sh package

.PHONY: clients-typescript
clients-typescript: ## the npm package @casemate/client in .cache/typescript, and what its tests run
	@scripts/typescript.sh build

.PHONY: clients-java
clients-java: ## the Java client, tested and installed in .cache/maven; the interop program and the example on it
	@scripts/java.sh

.PHONY: clients
clients: clients-python clients-typescript clients-java ## the client packages of all languages

.PHONY: deps-test
deps-test:
	@scripts/deps.sh test

.PHONY: test
test: $(TEST_NEEDS) ## all tests: unit, real runtimes, end to end, the real SDK; installs what they need
	$(GOTEST) ./...

.PHONY: e2e
e2e: $(TEST_NEEDS) ## only the end-to-end tests
	$(GOTEST) -count=1 ./e2e/...

.PHONY: test-compose
test-compose: build image ## docker-compose.yaml, on a Docker engine of its own: a sandbox with a secret; installs docker.io
	@scripts/compose-test.sh

SANDBOXES ?= 2000
.PHONY: soak
soak: deps-test build ## SANDBOXES (2000) made, used and ended in every way, in some three minutes; then all is as before. `make test` makes 200
	CASEMATE_AGENT_PATH=$(CURDIR)/bin/sandbox-agent go test -count=1 -v -timeout 30m ./sandboxd/soak -sandboxes $(SANDBOXES)

.PHONY: race
race: deps-test build venv crypto image runsc ## the tests of what runs concurrently, under the race detector
	CGO_ENABLED=1 $(GOTEST) -timeout 20m -race ./pkg/... ./secretsd/... ./sandboxd/...

.PHONY: test-large
test-large: deps-test build ## a file of 4 GiB through a sandbox of 256 MiB, in and out; takes the disk twice that for a while
	$(GOTEST) -count=1 -v ./sandboxd/internal/daemon -run TestArchivesOfAnySize -archive-bytes 4294967296

UPGRADE_FROM ?= 765d3a8
.PHONY: test-upgrade
test-upgrade: deps-test build ## sandboxes of an older commit (UPGRADE_FROM) are adopted, used and ended by this one's sandboxd; needs the git history, so not in check
	@scripts/test-upgrade.sh $(UPGRADE_FROM)

.PHONY: test-cgroups
test-cgroups: build runsc ## the native runtime's suite, and parts of the others', on cgroup v1 alone and v2 alone, in virtual machines; no /dev/kvm needed
	@scripts/test-cgroups.sh

.PHONY: bench
bench: deps-test build image runsc ## latencies beside floors of the same run: fork+exec, runc, a bare gRPC mTLS echo; then bench-secrets
	@scripts/deps.sh bench
	go run ./e2e/bench
	go run ./e2e/bench/secrets

.PHONY: bench-secrets
bench-secrets: deps-test build ## what a durable answer of secretsd takes, beside an echo, a commit and setec, at 1, 8 and 64 clients
	go run ./e2e/bench/secrets

FUZZTIME ?= 20s
.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (20s)
	@scripts/fuzz.sh $(FUZZTIME)

.PHONY: generate
generate: ## gen/ and docs/api.md from proto/, with the pinned tools
	@scripts/go-env.sh >/dev/null
	@for language in python typescript java; do scripts/$$language.sh tools; done
	$(TOOL) buf generate
	$(TOOL) buf generate --template buf.gen.docs.yaml

.PHONY: check-generate
check-generate: generate ## fails when gen/ is not what proto/ generates
	@if [ -n "$$(git status --porcelain -- gen docs/api.md)" ]; then \
	  git status --short -- gen docs/api.md; git diff --stat -- gen docs/api.md; \
	  echo "error: gen/ or docs/api.md differs from what proto/ generates; run 'make generate' and commit the result" >&2; exit 1; fi

.PHONY: breaking
breaking: ## fails when proto/ breaks clients of the last release, else of main; AGAINST=COMMIT chooses another
	@scripts/breaking.sh

.PHONY: lint
lint: ## gofmt, go vet, golangci-lint, buf lint and breaking, shell syntax, module tidiness
	@scripts/go-env.sh >/dev/null
	@files=$$(git ls-files '*.go' ':!gen' | xargs gofmt -l); if [ -n "$$files" ]; then \
	  echo "error: not gofmt'ed: $$files" >&2; exit 1; fi
	$(TOOL) buf lint
	$(TOOL) buf format --diff --exit-code proto
	@scripts/breaking.sh
	go mod tidy -diff
	go vet ./...
	$(TOOL) golangci-lint run ./...
	@scripts/python.sh tools
	.cache/python/tools/bin/ruff check --config clients/python/pyproject.toml clients/python examples/python scripts
	.cache/python/tools/bin/ruff format --check --config clients/python/pyproject.toml clients/python examples/python scripts
	@for f in scripts/*.sh .ci/run deploy/images/*.sh; do bash -n $$f; done

.PHONY: check
check: check-generate lint test race test-cgroups test-compose ## everything CI runs
