#!/bin/sh
# Runs the tests of the lake against Versity's S3 gateway, which checks signatures and checksums as S3 does. Needs Go.
set -eu
bin="$(pwd)/.venv/bin"
version=v1.8.0
GOBIN="$bin" go install "github.com/versity/versitygw/cmd/versitygw@$version"
"$bin/pytest" -q tests/analytics/store/lake
