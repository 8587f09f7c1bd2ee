# Freehold's commands. Each sets up what it needs; `make help` lists them.

PYTHON ?= python3
export PYTHON
# A shell may keep bytecode from being written: then each of the many processes of a command compiles what it imports.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
RUN = .venv/bin/python

.PHONY: help setup dev demo test check format synth deploy deployments drift difference invoke token reset docs lock bench prove conformance faults queues migrate operator flags explain audit stripe billing usage cost advise check-form check-templates check-types check-imports check-migrations check-plans check-secrets check-workflows advisories

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: ## Make .venv and all that is needed, from nothing but a Python (every command below does it by itself)
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.13, or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) local/setup.py

dev: setup ## Run the whole product on this machine, with your edits live (API_PORT=…, ISSUER_PORT=…, DATABASE_PORT=…, MAIL_PORT=…, WEBHOOK_PORT=…, STRIPE_PORT=…)
	@$(RUN) -m local.dev

demo: setup ## Deploy what would be deployed to a local cloud, and walk a story through it over HTTP (STAGE=sandbox)
	@$(RUN) -m local.demo --stage $(or $(STAGE),sandbox)

test: setup ## Run the tests
	@$(RUN) -m local.suite

check: setup ## Lint, types, import rules, migrations, plans, secrets, workflows, and the templates of every stage, two side by side
	@$(MAKE) --no-print-directory --jobs=2 check-form check-templates check-types check-imports check-migrations check-plans check-secrets check-workflows

check-form:
	@.venv/bin/ruff format --check --quiet && .venv/bin/ruff check --quiet
check-templates:
	@$(RUN) -m infra.lint --if-changed
check-types:
	@.venv/bin/mypy
check-imports:
	@.venv/bin/lint-imports
check-migrations:
	@$(RUN) -m local.migration_lint
check-plans:
	@$(RUN) -m local.plans_lint
check-workflows:
	@.venv/bin/zizmor --offline --quiet --no-progress .github >/dev/null || .venv/bin/zizmor --offline .github
check-secrets:
	@$(RUN) -m local.secret_scan

format: setup ## Put the code into the house's form
	@.venv/bin/ruff check --fix --quiet; .venv/bin/ruff format

synth: setup ## Write the CloudFormation templates to cdk.out (STAGE=sandbox)
	@$(RUN) app.py --stage $(or $(STAGE),sandbox)

deploy: setup ## Deploy a stage to your AWS account, after a checklist: make deploy STAGE=launch (CHECK=1: only look)
	@$(RUN) -m infra.deploy --stage $(or $(STAGE),sandbox) $(if $(CHECK),--check) $(if $(YES),--yes)

deployments: setup ## Show what was deployed to a stage, when, and by whom (STAGE=launch)
	@$(RUN) -m infra.deployments --stage $(or $(STAGE),sandbox)

drift: setup ## Show what somebody has changed by hand in a stage (STAGE=launch)
	@$(RUN) -m infra.drift --stage $(or $(STAGE),sandbox)

difference: setup ## Show what a deployment would change: make difference BASE=build/base HEAD=cdk.out (`freehold difference --help`)
	@$(RUN) -m infra.difference --base $(BASE) --head $(or $(HEAD),cdk.out)

invoke: setup ## Run one handler in this process: make invoke F=projects E=events/projects/create.json
	@$(RUN) -m local.invoke $(F) $(E)

token: setup ## Print an access token for the running `make dev`: make token WHO=alice@acme.test
	@$(RUN) -m local.bearer $(WHO)

reset: setup ## Forget the local database
	@$(RUN) -m local.reset

docs: setup ## Write the reference in docs/ and the OpenAPI document from the code
	@$(RUN) -m local.reference

lock: setup ## Renew requirements/ from pyproject.toml
	@sh requirements/lock.sh

advisories: setup ## Ask whether anything that is locked has a known vulnerability (asks PyPI and npm)
	@$(RUN) -m local.advisories

bench: setup ## Measure what the design costs and saves, in about five minutes (docs/performance.md)
	@$(RUN) -m benchmarks

prove: setup ## Attack every table, role, function and route, planted holes included (docs/isolation.md)
	@$(RUN) -m proof

conformance: setup ## Let the clients that customers have check what we serve: signatures of webhooks, SCIM, OpenFeature
	@$(RUN) -m local.conformance

faults: setup ## End each process at each named point, 50 times, in about a quarter of an hour (docs/faults.md)
	@$(RUN) -m faults

migrate: setup ## Bring a database up to date: that of `make dev`, or each cell of a stage (STAGE=launch, PLAN=1: only look)
	@$(RUN) -m local.migrate $(if $(STAGE),--stage $(STAGE)) $(if $(PLAN),--plan)

operator: setup ## Do what operators do: ARGS='tenants acme --reason "Ticket 4711"' (`freehold operator --help`)
	@$(RUN) -m local.operators $(ARGS)

flags: setup ## Say what is shown to whom, in the running `make dev`: ARGS='off new-editor --reason "Incident 12"' (`freehold flags --help`)
	@$(RUN) -m local.flags $(or $(ARGS),list)

explain: setup ## Say why something is allowed or refused to a tenant: ARGS='acme projects' (`freehold explain --help`)
	@$(RUN) -m local.explain $(ARGS)

queues: setup ## Show what waits in the queues and what was given up (STAGE=launch; `freehold queues --help` does more)
	@$(RUN) -m local.queues $(if $(STAGE),--stage $(STAGE))

stripe: setup ## Look at the double of Stripe in the running `make dev`: ARGS='advance 01a1fac8-… 15d' (`freehold stripe --help`)
	@$(RUN) -m local.stripe_double $(ARGS)

audit: setup ## Verify that nobody has rewritten the audit trail of the running `make dev` (`freehold audit --help` does more)
	@$(RUN) -m local.audit verify

cost: setup ## Say what a stage costs a month, line by line: STAGE=launch (`freehold cost --help` does more)
	@$(RUN) -m local.cost --stage $(or $(STAGE),launch) $(ARGS)

advise: setup ## Say what to turn and what that costs, from what was measured: STAGE=launch, or ARGS='--metrics FILE'
	@$(RUN) -m local.advise --stage $(or $(STAGE),launch) $(ARGS)

usage: setup ## Compare what was recorded with what Stripe was told, in the running `make dev`
	@$(RUN) -m local.usage check

billing: setup ## Show what Stripe lacks of plans.toml; ARGS="push --yes" makes it agree (`freehold billing --help`)
	@$(RUN) -m local.billing $(or $(ARGS),push)
