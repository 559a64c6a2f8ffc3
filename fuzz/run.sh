#!/bin/sh
# Runs every fuzz target for SECONDS each, from the seeds in corpus/; fails if one finds a crash.
#
#   fuzz/run.sh 60
#   SANITIZER=address fuzz/run.sh 600
#
# Without a sanitizer by default: verdikt has no unsafe code, and a target then runs a few times as fast. What is found
# on the way is kept under the target directory and is where the next run goes on; seeds are never written to.
set -u
seconds=${1:?usage: fuzz/run.sh SECONDS}
cd "$(dirname "$0")/.." || exit 2
target_dir=${CARGO_TARGET_DIR:-fuzz/target}
sanitizer=${SANITIZER:-none}
toolchain=${TOOLCHAIN:-nightly}
status=0

cargo "+$toolchain" fuzz build --sanitizer "$sanitizer" --target-dir "$target_dir" || exit 2
for target in $(cargo "+$toolchain" fuzz list); do
    found="$target_dir/corpus/$target"
    mkdir -p "$found"
    echo "== $target, $seconds s"
    cargo "+$toolchain" fuzz run --sanitizer "$sanitizer" --target-dir "$target_dir" "$target" \
        "$found" "fuzz/corpus/$target" -- \
        -max_total_time="$seconds" -timeout=10 -dict=fuzz/dictionary -print_final_stats=1 -verbosity=0 || {
        echo "== $target: crashed, see fuzz/artifacts/$target"
        status=1
    }
done
exit $status
