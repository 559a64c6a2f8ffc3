#!/bin/sh
# Makes the seeds anew: of the seeds, of what runs have found, and of the cases of tests/suite, each target keeps few
# small ones that together reach all the code that all of them reach. Seeds that have a name stay; those that are kept
# for the code they reach are named by their hash.
#
#   fuzz/minimise.sh              # every target
#   fuzz/minimise.sh decide index
set -eu
cd "$(dirname "$0")/.."
target_dir=${CARGO_TARGET_DIR:-fuzz/target}
toolchain=${TOOLCHAIN:-nightly}
host=$(rustc "+$toolchain" -vV | sed -n 's/^host: //p')
hashed='[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'

suite=$PWD/$target_dir/suite
rm -rf "$suite"
VERDIKT_SEEDS=$suite cargo test --quiet --manifest-path fuzz/Cargo.toml --lib -- --ignored seeds_of_the_suite
cargo "+$toolchain" fuzz build --sanitizer none --target-dir "$target_dir"
[ $# -gt 0 ] || set -- $(cargo "+$toolchain" fuzz list)
for target in "$@"; do
    all=$target_dir/merge/$target
    rm -rf "$all"
    mkdir -p "$all"
    for folder in "fuzz/corpus/$target" "$target_dir/corpus/$target" "$suite/$target"; do
        [ ! -d "$folder" ] || find "$folder" -type f -size -5 -exec cp -t "$all" {} +
    done
    # What `cargo fuzz cmin` does, with a smaller result: a set that covers all code, not how often it is reached.
    rm -rf "$all.least"
    mkdir -p "$all.least"
    "$target_dir/$host/release/$target" -set_cover_merge=1 -use_counters=0 -timeout=150 "$all.least" "$all" \
        >"$all.log" 2>&1 || { tail -n 20 "$all.log"; exit 1; }
    rm -f "fuzz/corpus/$target"/$hashed
    named=$(cd "fuzz/corpus/$target" && sha1sum -- * 2>/dev/null || true)
    for input in "$all.least"/*; do
        hash=$(sha1sum <"$input" | cut -d ' ' -f 1)
        case $named in
        *"$hash"*) ;;
        *) cp "$input" "fuzz/corpus/$target/$(echo "$hash" | cut -c 1-10)" ;;
        esac
    done
    echo "$target: $(ls "fuzz/corpus/$target" | wc -l) seeds, $(du -sk "fuzz/corpus/$target" | cut -f 1) KiB"
done
