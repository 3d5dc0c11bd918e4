#!/bin/sh
# Compiles the three pin files from pyproject.toml. Called by `make lock` with the path of uv.
# Neither index addresses nor the command line are recorded: pins must not name anybody's mirror.
set -eu
compile() { "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$@"; }
uv=$1
compile pyproject.toml --output-file requirements/runtime.txt
compile pyproject.toml --extra dev --constraint requirements/runtime.txt --output-file requirements/dev.txt
echo "setuptools>=77" | compile - --output-file requirements/build.txt
