#!/bin/sh
# Resolve the dependencies of pyproject.toml into hashed requirements files without index addresses.
set -eu
cd "$(dirname "$0")/.."
for kind in run dev; do
  extras="--extra demo --extra build"
  [ "$kind" = run ] || extras="$extras --extra dev"
  # shellcheck disable=SC2086
  .venv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --universal \
    --python-version 3.11 $extras --output-file "requirements/$kind.txt" "$@" pyproject.toml
done
