#!/bin/sh
# clang's warnings over every source; flags and files come from the Makefile. Skipped where clang is not installed.
# The second compiler finds other things than the first.
if ! command -v clang >/dev/null; then
    echo "1..1"
    echo "ok 1 - clang has no warnings # SKIP clang is not installed"
    exit 0
fi
echo "1..1"
# The flags are words by intent.
if printf '%s\n' $THIDUA_CLANG_FILES | xargs -P2 -n8 clang $THIDUA_CLANG_FLAGS -fsyntax-only; then
    echo "ok 1 - clang has no warnings"
else
    echo "not ok 1 - clang has no warnings"
    exit 1
fi
