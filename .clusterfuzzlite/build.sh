#!/usr/bin/env bash
# Builds every native fuzz target of the repository as a libFuzzer binary, with its
# committed corpus beside it. Run by ClusterFuzzLite inside the image of the Dockerfile;
# compile_native_go_fuzzer_v2 is that image's. Names hold the package: two packages have a
# target of the same name.
set -euo pipefail
cd "$SRC/armillary"
.ci/fuzz --list | while read -r package target; do
	name=${package//\//_}_$target
	compile_native_go_fuzzer_v2 "github.com/armillary/armillary/$package" "$target" "$name"
	corpus=$package/testdata/fuzz/$target
	if [ -d "$corpus" ]; then (cd "$corpus" && zip -q -r "$OUT/${name}_seed_corpus.zip" .); fi
done
