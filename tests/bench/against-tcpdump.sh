#!/usr/bin/env bash
# CPU time and peak memory of `redorder analyze` against tcpdump copying the same file to /dev/null.
# Usage: tests/bench/against-tcpdump.sh CAPTURE... (plain pcap; ROUNDS=5, REDORDER=target/release/redorder)
# The two take turns, so that a busy moment of the machine hits both; the least CPU time of each counts.
set -euo pipefail

rounds="${ROUNDS:-5}"
redorder="${REDORDER:-target/release/redorder}"
PATH="$PATH:/usr/sbin:/sbin"

measure() { # measure COMMAND...: prints "CPU-seconds peak-KB"
    local out
    out="$(mktemp)"
    /usr/bin/time -o "$out" -f '%U %S %M' "$@" >/dev/null 2>&1
    awk '{ printf "%.2f %d\n", $1 + $2, $3 }' "$out"
    rm -f "$out"
}

for capture in "$@"; do
    ours=() theirs=()
    for _ in $(seq "$rounds"); do
        ours+=("$(measure "$redorder" analyze -q "$capture")")
        theirs+=("$(measure tcpdump -r "$capture" -w /dev/null)")
    done
    least() { printf '%s\n' "$@" | sort -n | head -1; }
    read -r cpu memory <<<"$(least "${ours[@]}")"
    read -r base base_memory <<<"$(least "${theirs[@]}")"
    awk -v f="$capture" -v a="$cpu" -v b="$base" -v m="$memory" -v n="$base_memory" 'BEGIN {
        printf "%s: %.2f s and %d KB, tcpdump %.2f s and %d KB: %.1f times the CPU\n", f, a, m, b, n, a / (b > 0 ? b : 0.01)
    }'
done
