# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Memory that nothing points to any more, after all that ran before.  odma has
# gone by now, and with it the symbols of its functions: so nothing at all may
# be left, and --baseline tells whether it is the kernel's own.

kmemleak=/sys/kernel/debug/kmemleak

# What is younger than five seconds is not looked at, and the checksum of an
# object has to be the same in two scans.
sleep 6
works "the first scan" put scan $kmemleak
sleep 6
works "the second scan" put scan $kmemleak
cat $kmemleak >/run/leaks
while read -r line; do
	say "kmemleak: $line"
done </run/leaks
same "leaked objects, which the log shows" "$(grep -c '^unreferenced' /run/leaks)" 0
