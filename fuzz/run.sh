#!/bin/sh
# Runs fuzz targets for SECONDS each, all of them unless some are named, from the seeds in corpus/. Prints a table; fails
# if one finds a crash.
#
#   fuzz/run.sh 60
#   nice -n 19 fuzz/run.sh 600 decide index
#   SETTLE=120 fuzz/run.sh 600            # longer, until two minutes have reached no new code; an hour at most (MOST=3600)
#   SANITIZER=address fuzz/run.sh 600
#
# Without a sanitizer by default: verdikt has no unsafe code, and a target then runs a few times as fast. What a run
# finds is kept under the target directory, where the next run goes on from it; the seeds are never written to.
set -u
seconds=${1:?usage: fuzz/run.sh SECONDS [TARGET…]}
shift
cd "$(dirname "$0")/.." || exit 2
target_dir=${CARGO_TARGET_DIR:-fuzz/target}
toolchain=${TOOLCHAIN:-nightly}
settle=${SETTLE:-0}
most=${MOST:-3600}
[ "$settle" -gt 0 ] || most=$seconds
host=$(rustc "+$toolchain" -vV | sed -n 's/^host: //p')
status=0

# Watches the process of a target by its log: leaves in `last` how long after its start code was reached that was not
# reached before. Asks it to end, with exit status 0, as soon as it has run for SECONDS and reached nothing new for SETTLE.
# One process from start to end: nothing is counted anew.
watch() {
    start=$(date +%s)
    best=0
    last=0
    while :; do
        # What a process wrote before it ended is read too.
        kill -0 "$1" 2>/dev/null && is_running=1 || is_running=0
        passed=$(($(date +%s) - start))
        reached=$(tail -c 8192 "$2" | sed -n 's/.* cov: \([0-9]*\).*/\1/p' | tail -n 1)
        if [ "${reached:-0}" -gt "$best" ]; then
            best=$reached
            last=$passed
        fi
        [ "$is_running" = 1 ] || return
        if [ "$settle" -gt 0 ] && [ "$passed" -ge "$seconds" ] && [ $((passed - last)) -ge "$settle" ]; then
            kill -USR1 "$1"
            return
        fi
        sleep 1
    done
}

# The number after a word in the last line of a log that has it.
number() {
    grep -a "$2" "$1" | tail -n 1 | sed "s|.*$2 *\([0-9]*\).*|\1|"
}

cargo "+$toolchain" fuzz build --sanitizer "${SANITIZER:-none}" --target-dir "$target_dir" || exit 2
[ $# -gt 0 ] || set -- $(cargo "+$toolchain" fuzz list)
printf '%-12s %7s %11s %7s %7s %7s %8s  %s\n' target seconds executions exec/s cov ft inputs 'last new code after'
for target in "$@"; do
    found="$target_dir/corpus/$target"
    log="$target_dir/corpus/$target.log"
    crashes="fuzz/artifacts/$target/"
    mkdir -p "$found" "$crashes"
    # A limit on one input that also a stopped or crowded machine keeps within.
    "$target_dir/$host/release/$target" "$found" "fuzz/corpus/$target" -max_total_time="$most" -seed="${SEED:-0}" \
        -timeout=150 -dict=fuzz/dictionary -artifact_prefix="$crashes" -print_final_stats=1 >"$log" 2>&1 &
    watch $! "$log"
    if wait $!; then
        printf '%-12s %7s %11s %7s %7s %7s %8s  %s s\n' "$target" "$passed" "$(number "$log" stat::number_of_executed_units:)" \
            "$(number "$log" average_exec_per_sec:)" "$(number "$log" " cov:")" "$(number "$log" " ft:")" "$(number "$log" " corp:")" \
            "$last"
    else
        echo "$target: crashed, the whole log is $log"
        grep -a -A 3 -e 'panicked at' -e 'SUMMARY' -e 'Test unit written' "$log" | cut -c 1-2000
        status=1
    fi
done
exit $status
