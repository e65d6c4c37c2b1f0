#!/bin/sh
# Builds the wheel, installs it alone into a fresh environment away from the sources, and runs the main job from it.
set -eu
bin="$(pwd)/.venv/bin"
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
"$bin/uv" build --quiet --wheel --out-dir "$place/dist"
"$bin/uv" venv --quiet --python "$bin/python" "$place/venv"
"$bin/uv" pip install --quiet --python "$place/venv/bin/python" "$place"/dist/*.whl
cd "$place"
"$place/venv/bin/lambdascope" --version
"$place/venv/bin/lambdascope" demo --once > "$place/demo.txt" || { cat "$place/demo.txt"; exit 1; }
grep -q demo-order-status "$place/demo.txt"
"$place/venv/bin/lambdascope" dashboards export "$place/exported" > "$place/export.txt"
test -s "$place/exported/dashboards/lambdascope-overview.json"
echo "wheel: installs alone and plays the demo"
