#!/bin/sh
# Makes the seeds anew: of the seeds, of what runs have found, and of the cases of tests/suite, each target keeps the
# small ones that together reach all the code that all of them reach. Seeds that have a name stay; those that are kept
# for the code they reach are named by their hash.
#
#   fuzz/minimise.sh              # every target
#   fuzz/minimise.sh decide index
set -eu
cd "$(dirname "$0")/.."
target_dir=${CARGO_TARGET_DIR:-fuzz/target}
toolchain=${TOOLCHAIN:-nightly}
hashed='[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'

suite=$PWD/$target_dir/suite
rm -rf "$suite"
VERDIKT_SEEDS=$suite cargo test --quiet --manifest-path fuzz/Cargo.toml --lib -- --ignored seeds_of_the_suite
[ $# -gt 0 ] || set -- $(cargo "+$toolchain" fuzz list)
for target in "$@"; do
    all=$target_dir/merge/$target
    rm -rf "$all"
    mkdir -p "$all"
    for folder in "fuzz/corpus/$target" "$target_dir/corpus/$target" "$suite/$target"; do
        [ ! -d "$folder" ] || find "$folder" -type f -size -5 -exec cp -t "$all" {} +
    done
    # Code, not how often it is reached: that would keep thousands.
    cargo "+$toolchain" fuzz cmin --sanitizer none --target-dir "$target_dir" "$target" "$all" -- -use_counters=0 \
        >"$all.log" 2>&1 || { cat "$all.log"; exit 1; }
    rm -f "fuzz/corpus/$target"/$hashed
    named=$(cd "fuzz/corpus/$target" && sha1sum -- * 2>/dev/null || true)
    for input in "$all"/*; do
        hash=$(sha1sum <"$input" | cut -d ' ' -f 1)
        case $named in
        *"$hash"*) ;;
        *) cp "$input" "fuzz/corpus/$target/$(echo "$hash" | cut -c 1-10)" ;;
        esac
    done
    echo "$target: $(ls "fuzz/corpus/$target" | wc -l) seeds, $(du -sk "fuzz/corpus/$target" | cut -f 1) KiB"
done
