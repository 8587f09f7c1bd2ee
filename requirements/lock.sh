#!/bin/sh
# Renews the lock files: names, versions and hashes, no addresses. `sh requirements/lock.sh --upgrade` also takes newer versions.
set -eu
compile() {
  .venv/bin/uv pip compile --quiet --universal --python-version 3.13 --generate-hashes \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@"
}
compile "$@" pyproject.toml -o requirements/runtime.txt
compile "$@" pyproject.toml --group dev -c requirements/runtime.txt -o requirements/dev.txt
compile "$@" --group emulator -o requirements/emulator.txt
compile "$@" --group naive -c requirements/dev.txt -o requirements/naive.txt
compile "$@" --group advisories -o requirements/advisories.txt
compile "$@" --group runtime-client -o requirements/runtime-client.txt
grep -A 1000 '^uv==' requirements/dev.txt | awk 'NR > 1 && /^[a-z]/ { exit } { print }' > requirements/uv.txt
