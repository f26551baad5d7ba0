# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # tracing.sh sets tracing, find_net sets net
# A driver whose buffers lie beyond its device's reach: the kernel bounces them;
# odma by itself has nothing that could, and must say so; with odma-swiotlb it
# does.  The other device, whose addresses have 64 bits, gets at all of the
# memory.

# shellcheck source=/dev/null
. /guest/tracing.sh
# shellcheck source=/dev/null
. /guest/bouncing.sh

load nvme e1000
works "insmod odma" load_odma
works "attach the disk" attach "$NVME" direct stats
disk_io "memory above 4 GiB" "$NVME" 0
nothing_mapped "$NVME"
counters_add_up "$NVME" $(((2 * PATTERN_MIB + 2 * SLOT_MIB) << 20))

works "attach the network card" attach "$E1000" direct stats
trace_on
say "mark reach"
find_net "$E1000"
# Filling the receive ring is what fails.
ip link set "$net" up
sleep 1
net_down
trace_off
trace_shows failure
works "the event says why" \
	grep -q "odma_failure: $E1000 .*beyond the device's reach" "$tracing/trace"
failures=$(counter "$E1000" failures)
at_least "sysfs counts the failures" "$failures" 1
same "the trace has as many" "$(grep -c ' odma_failure: ' "$tracing/trace")" "$failures"
same "debugfs has as many" \
	"$(awk -v d="$E1000" '$2 == d { print $(NF - 1) }' /sys/kernel/debug/odma/devices)" \
	"$failures"
dmesg | sed '1,/mark reach/d' | grep "odma: $E1000: DMA of " >/run/said
works "the log says why" grep -q "beyond the device's reach.* (mask 0xffffffff," /run/said
# Bringing the interface up and down takes less than the five seconds in which
# three lines may come.
at_most "the log is not flooded" "$(grep -c . /run/said)" 3
trace_clear
nothing_mapped "$E1000"
report_counters "$E1000"

works "detach the network card" detach "$E1000"
net_io "the kernel bounces again" "$E1000"
net_down
works "detach the disk" detach "$NVME"

works "insmod odma-swiotlb" load_swiotlb
works "with bounce buffers: attach the network card" attach "$E1000" direct stats
net_io "with bounce buffers" "$E1000"
net_down
nothing_mapped "$E1000"
counters_add_up "$E1000" $(((2 * NET_MIB) << 20))
pool_was_used 32-bit
works "with bounce buffers: attach the disk" attach "$NVME" direct stats
disk_io "with bounce buffers" "$NVME" 0
same "who reaches all of memory needs none" "$(in_pool 32-bit high_water)" 0
works "rmmod is refused while a device bounces" not unload_swiotlb
works "with bounce buffers: detach the disk" detach "$NVME"
works "with bounce buffers: detach the network card" detach "$E1000"
works "rmmod odma-swiotlb" unload_swiotlb
works "rmmod odma" unload_odma
unload nvme e1000
