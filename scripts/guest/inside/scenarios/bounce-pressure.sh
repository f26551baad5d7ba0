# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # find_disk sets disk
# A pool that would like to grow, when there is hardly any memory left, and no
# swap.

# shellcheck source=/dev/null
. /guest/bouncing.sh

LEAVE_MIB=24
# The kernel frees a little of its own, now and then.
SWAY_MIB=8

available_mib()
{
	awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo
}

# One whole read after the other, until there is a file /run/enough.
read_on()
{
	while [ ! -e /run/enough ]; do
		read_mib "$disk" 0 "$PATTERN_MIB" iflag=direct
	done
}

as_at_first()
{
	[ "$(in_pool "$NVME" bytes)" = 131072 ]
}

load nvme
works "insmod odma" load_odma
works "insmod odma-swiotlb" load_swiotlb idle_ms=500
works "attach" attach "$NVME" swiotlb pool_kib=128 limit_kib=32768 stats
find_disk "$NVME"
mkdir -p /run/fill
mount -t tmpfs -o size=100% tmpfs /run/fill

# What the pool has gained for the probe goes before memory is filled: given
# back afterwards it would be there again.
works "idle, the pool gives back what it had gained" soon as_at_first
part=0
while [ "$(available_mib)" -gt $LEAVE_MIB ] && [ $part -lt 1000 ]; do
	part=$((part + 1))
	dd if=/dev/zero of=/run/fill/$part bs=1M count=4 2>/run/dd.log || break
done
at_most "memory is full, MiB available" "$(available_mib)" \
	$((LEAVE_MIB + SWAY_MIB))
rm -f /run/enough
read_on >/run/sums.1 &
first=$!
read_on >/run/sums.2 &
second=$!
disk_io "full" "$NVME" 0
: >/run/enough
wait $first $second
cat /run/sums.1 /run/sums.2 >/run/sums
at_least "whole reads meanwhile" "$(grep -c . /run/sums)" 3
same "all of them right" "$(sort -u /run/sums)" "$PATTERN_SHA256"
umount /run/fill

nothing_mapped "$NVME"
same "the pool: nothing is in use" "$(in_pool "$NVME" used)" 0
same "the device's counter has every failure of the pool" \
	"$(counter "$NVME" failures)" "$(pool_failures "$NVME")"
say "failures: $(pool_failures "$NVME"), pool: $(in_pool "$NVME" bytes) bytes, at_once: $(in_pool "$NVME" transient)"
disk_io "empty again" "$NVME" 1
works "detach" detach "$NVME"
works "rmmod odma-swiotlb" unload_swiotlb
works "rmmod odma" unload_odma
unload nvme
