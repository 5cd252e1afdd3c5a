# `make` lists the targets.
STACK ?= local
CLI := bin/storeevents
CACHE := $(or $(STORE_EVENTS_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/store-events)

.DEFAULT_GOAL := help

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-15s %s\n", $$1, $$2}'

setup: ## Get or build the tools that are missing, into the cache
	@go run ./tools/setup

doctor: ## Check this machine: tools, memory, disk, ports, credentials
	@go run ./tools/setup doctor

demo: setup ## Deploy the local stack and run the whole pipeline on it
	@$(CLI) demo --stack local

up: setup ## Create or update STACK (default: local)
	@$(CLI) up --stack $(STACK)

preview: setup ## Preview STACK with the real engine, provider and policies, without any account
	@$(CLI) preview --stack $(STACK) --offline

drift: setup ## Fail if STACK on AWS differs from the program, or does not pass the policies
	@$(CLI) preview --stack $(STACK) --refresh --expect-no-changes
	@$(CLI) policy check --stack $(STACK)

preview-comment: setup ## Preview STACKS (dev prod) without any account and write the comment for a pull request, compared with the commit BASE
	@./tools/preview-stacks

down: ## Destroy the local stack, stop its AWS and remove its state
	@test ! -x $(CLI) || $(CLI) down --stack local

clean: down ## Also remove the caches
	@rm -rf bin "$(CACHE)"

test: setup ## Run all tests
	@./tests/run

test-glue6: setup ## Run the tests of the job on Glue 6.0's Spark, and a local stack with it
	@./tests/glue6/run

faults: setup ## Drive the job through HISTORIES (300) of input and faults, with LATENCY (0ms) to the database
	@./tests/faults/run --resume --sweep --histories $(or $(HISTORIES),300) --latency $(or $(LATENCY),0ms)

fuzz: setup ## Compare the job's reader with simple readers on random objects, for SECONDS (600)
	@./tests/fuzz/run --seconds $(or $(SECONDS),600) --output $(or $(OUTPUT),text)

policy-mutations: setup ## Violate each rule once in the program, and check the reports of the policies through the engine
	@go test -count=1 -timeout 60m -v -run TestMutationsThroughTheEngine ./tests/policy -args -all-mutations

settings: setup ## Preview a change of every setting, and write docs/settings.md
	@go test -count=1 -timeout 60m -run TestEffectsOfSettings ./tests/e2e -args -settings
	@go test -count=1 -run TestSettingsPage ./tests/docs -args -update

mutants: ## Mutate the Go code and list the surviving mutants, in PACKAGES (all), SAMPLE mutants of each (0, all), as OUTPUT (text)
	@go run ./tests/mutants -packages "$(PACKAGES)" -sample $(or $(SAMPLE),0) -output $(or $(OUTPUT),text)

mutants-job: setup ## Mutate the job's code and list the surviving mutants
	@./tests/mutants/job/run

lint: ## Lint the Go and Python code, and look for known vulnerabilities
	@./tests/lint

docs: ## Build the documentation site into bin/site, and check its links
	@./tools/docs/build

man: setup ## Write man pages of all commands into bin/man
	@$(CLI) reference --man bin/man

sbom: ## Write the software bills of materials (CycloneDX) of all programs, and of the job, into bin/sbom
	@./tools/sbom

release: ## Build storeevents for Linux and macOS, amd64 and arm64, into bin/release: archives with man pages, and SHA256SUMS
	@./tools/release

changelog: ## Write the section of VERSION of CHANGELOG.md into bin/release-notes.md
	@./tools/changelog

policy-search: ## Search for policy documents that grant too much and pass, for SECONDS (600)
	@go test -count=1 -timeout 0 -v -run TestSearch ./tests/policy/search -args -seconds $(or $(SECONDS),600)

bench: setup ## Compare this job with other ways to load and measure how it grows, in about 10 minutes, for docs/benchmarks.md
	@go run ./bench/all
	@go test -count=1 ./tests/docs -run 'TestBenchmarks|TestScale' -args -update

bench-full: setup ## The same with more rows and repeats, in some hours
	@go run ./bench/all -size full
	@go test -count=1 ./tests/docs -run 'TestBenchmarks|TestScale' -args -update

bench-check: setup ## Measure like `make bench`, and report ratios worse than the committed baseline by more than TOLERANCE (0.25)
	@go run ./bench/all -check -tolerance $(or $(TOLERANCE),0.25)

bench-profiles: setup ## Write where a load of ROWS (500000) and the producer spend their time into bench/profiles
	@./bench/profiles/run --rows $(or $(ROWS),500000)

bench-policy: setup ## Measure what the policy pack adds to a preview
	@go run ./bench/policy

bench-load: setup ## Compare the guaranteed load with three other ways, medians of REPEATS (5) with ROWS (500000)
	@./bench/load/run --repeats $(or $(REPEATS),5) --rows $(or $(ROWS),500000) --output $(or $(OUTPUT),text)

bench-increment: setup ## Measure a feed run after histories of up to a million objects
	@./bench/increment/run --output $(or $(OUTPUT),text)

bench-growth: setup ## Compare loads into a table that grows to ROWS (10000000) with its former layout
	@./bench/growth/run --rows $(or $(ROWS),10000000) --output $(or $(OUTPUT),text)

.PHONY: help settings setup doctor docs man demo up preview down clean test test-glue6 faults fuzz policy-mutations policy-search mutants mutants-job lint sbom drift preview-comment release changelog bench bench-full bench-check bench-profiles bench-policy bench-load bench-increment bench-growth

# For the scripts in tools/.
export STACKS BASE PLATFORMS VERSION
