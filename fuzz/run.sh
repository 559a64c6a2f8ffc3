#!/bin/sh
# Runs every fuzz target for SECONDS each, from the seeds in corpus/; fails if one finds a crash.
#
#   fuzz/run.sh 60
#   SANITIZER=address fuzz/run.sh 600
#
# Without a sanitizer by default: verdikt has no unsafe code, and a target then runs a few times as fast. What a run
# finds is kept under the target directory, where the next run goes on from it; the seeds are never written to.
set -u
seconds=${1:?usage: fuzz/run.sh SECONDS}
cd "$(dirname "$0")/.." || exit 2
target_dir=${CARGO_TARGET_DIR:-fuzz/target}
sanitizer=${SANITIZER:-none}
toolchain=${TOOLCHAIN:-nightly}
seed=${SEED:-0}
status=0

fuzz() {
    command=$1
    shift
    cargo "+$toolchain" fuzz "$command" --sanitizer "$sanitizer" --target-dir "$target_dir" "$@"
}

fuzz build || exit 2
for target in $(cargo "+$toolchain" fuzz list); do
    found="$target_dir/corpus/$target"
    log="$target_dir/corpus/$target.log"
    mkdir -p "$found"
    if fuzz run "$target" "$found" "fuzz/corpus/$target" -- \
        -max_total_time="$seconds" -seed="$seed" -timeout=10 -dict=fuzz/dictionary -print_final_stats=1 >"$log" 2>&1; then
        echo "$target: $(grep -a 'DONE' "$log" | tail -n 1)"
    else
        echo "$target: crashed, the whole log is $log"
        grep -a -A 3 -e 'panicked at' -e 'SUMMARY' -e 'Test unit written' -e '^error' "$log" | cut -c 1-2000
        status=1
    fi
done
exit $status
