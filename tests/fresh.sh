#!/bin/bash
# Shows that a fresh Debian 12 with nothing but git and make is enough: makes such a root, clones the committed HEAD into
# it, and runs there, without a locale or a terminal, `make demo`, `make check` and `make deps` (once more: nothing left
# to do). Then says what still runs and what lies in /tmp. Needs root, debootstrap and a Debian mirror: MIRROR=URL, or the
# one apt uses here. KEEP=1 leaves the root for a look.
#
# usage: fresh.sh [FOLDER]    the folder to make the root in, which must not exist; otherwise a temporary one
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd) || exit 1
TOP=$(dirname "$HERE")
HOME_IN_ROOT=/root/thidua

stop() {
    echo "fresh.sh: $*" >&2
    exit 1
}

# The first Debian mirror of this machine's apt, in either of its two formats.
mirror() {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
        awk '/^#/ { next } { for (i = 1; i <= NF; i++) if ($i ~ /^https?:.*\/debian\/?$/) { print $i; exit } }'
}

# In namespaces of its own: the mounts and whatever was started in the root are gone when this ends, however it ends.
if [ "${1:-}" != --inside ]; then
    [ "$(id -u)" = 0 ] || stop "making a root needs root: run it with sudo"
    command -v debootstrap >/dev/null || stop "debootstrap is missing: apt-get install debootstrap"
    export MIRROR=${MIRROR:-$(mirror)}
    [ -n "$MIRROR" ] || stop "apt names no Debian mirror here: give MIRROR=http://deb.debian.org/debian"
    root=${1:-$(mktemp -d)} || exit 1
    [ $# -eq 0 ] || mkdir "$root" || exit 1
    root=$(realpath "$root")
    chmod 755 "$root"
    # What was killed a moment ago may still have been writing: once more then.
    [ "${KEEP:-0}" = 1 ] || trap 'rm -rf --one-file-system "$root" 2>/dev/null || { sleep 1; rm -rf --one-file-system "$root"; }' EXIT
    unshare --mount --pid --fork --kill-child --propagation private "$HERE/fresh.sh" --inside "$root" &
    inside=$!
    trap 'kill -KILL $inside; wait $inside; exit 130' INT TERM HUP
    wait $inside
    exit
fi
root=$2
log=$root/debootstrap.txt

# step TARGET: makes the target in the root, with nothing of this machine's environment, and says how long it took.
step() {
    local began=$SECONDS status
    echo "== make $1"
    env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        chroot "$root" env -C "$HOME_IN_ROOT" make --no-print-directory "$1" </dev/null 2>&1
    status=$?
    echo "== make $1: status $status, $((SECONDS - began)) s"
    return $status
}

make_root() {
    echo "== a root from $MIRROR"
    debootstrap --variant=minbase --include=git,make,ca-certificates bookworm "$root" "$MIRROR" >"$log" 2>&1 ||
        { tail -n 20 "$log" >&2; stop "debootstrap failed"; }
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    apt-config dump | grep -E '^Acquire::(http|https)::Proxy ' >"$root/etc/apt/apt.conf.d/90proxy"
    git clone --quiet --no-hardlinks "$TOP" "$root$HOME_IN_ROOT" || stop "cannot clone $TOP"
}

mount_in_root() {
    mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" &&
        mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts" && mount -t tmpfs tmpfs "$root/dev/shm" ||
        stop "cannot mount in $root"
}

# The command lines of what lives in the root: the steps have ended, so nothing should.
left_running() {
    local process
    for process in "$root"/proc/[0-9]*; do
        [ "$(readlink "$process/root")" = "$root" ] && tr '\0' ' ' <"$process/cmdline" && echo
    done
}

# expect_nothing WHAT TEXT: a failure unless the text is empty.
expect_nothing() {
    [ -z "$2" ] && return
    printf '== %s:\n%s\n' "$1" "$2"
    failed=1
}

failed=0
make_root
mount_in_root
step demo || failed=1
step check || failed=1
again=$(step deps) || failed=1
echo "$again"
expect_nothing "the second make deps did something" "$(echo "$again" | grep -vE "^== |Nothing to be done")"
expect_nothing "still running" "$(left_running)"
expect_nothing "left lying" "$(find "$root/tmp" "$root/var/tmp" "$root/dev/shm" -mindepth 1 -maxdepth 1)"
expect_nothing "changed in the checkout" "$(git -C "$root$HOME_IN_ROOT" status --porcelain)"
[ $failed = 0 ] && echo "fresh root: all well" || echo "fresh root: something failed"
exit $failed
