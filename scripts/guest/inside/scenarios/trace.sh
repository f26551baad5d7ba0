# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # tracing.sh sets tracing, find_disk disk, net_up net
# The tracepoints; odma_failure is in the scenario `reach`, which takes memory
# that a device can't get at.

# shellcheck source=/dev/null
. /guest/tracing.sh

load nvme
works "insmod odma" load_odma
for event in attach detach map unmap sync alloc free failure; do
	works "there is an event odma_$event" \
		test -f "$tracing/events/odma/odma_$event/format"
done
trace_on
works "attach" attach "$NVME" direct
find_disk "$NVME" && read_mib "$disk" 0 1 iflag=direct >/dev/null
works "detach" detach "$NVME"
trace_off
trace_shows attach detach map unmap alloc free
grep " odma_" "$tracing/trace" | grep -c -v "$NVME" >/run/foreign
same "every event names the device" "$(cat /run/foreign)" 0

# debugfs_row <function> <column>: of the table of all devices
debugfs_row()
{
	awk -v device="$1" -v column="$2" '$2 == device { print $column }' \
		/sys/kernel/debug/odma/devices
}

# An interface that answers pings receives small packets, which is what e1000
# synchronises for.
if is_module e1000; then
	load e1000
	works "attach what synchronises" attach "$E1000" direct stats
	trace_on
	net_up "$E1000"
	trace_off
	trace_shows sync map alloc
	grep " odma_sync: " "$tracing/trace" >/run/syncs
	works "a sync names device, address and direction" grep -q \
		"odma_sync: $E1000 for=cpu dma=0x[0-9a-f]* size=[1-9][0-9]* dir=from-device" \
		/run/syncs
	at_least "sysfs counts at least the syncs of the trace" \
		"$(counter "$E1000" syncs)" "$(grep -c . /run/syncs)"
	at_least "debugfs: the receive ring is mapped" "$(debugfs_row "$E1000" 7)" 1
	at_least "debugfs: with its bytes" "$(debugfs_row "$E1000" 8)" 1500
	same "debugfs: what is allocated" \
		"$(debugfs_row "$E1000" 9) $(debugfs_row "$E1000" 10)" \
		"$(counter "$E1000" live_allocs) $(counter "$E1000" live_alloc_bytes)"
	at_least "debugfs: that is not nothing" "$(debugfs_row "$E1000" 10)" 4096
	same "debugfs: driver, backend and failures" \
		"$(debugfs_row "$E1000" 3) $(debugfs_row "$E1000" 4) $(debugfs_row "$E1000" 11)" \
		"$(driver_of "$E1000") direct 0"
	net_down
	same "debugfs: nothing is left mapped" \
		"$(debugfs_row "$E1000" 7) $(debugfs_row "$E1000" 8)" "0 0"
	works "detach what synchronises" detach "$E1000"
	unload e1000
fi
trace_clear
works "rmmod odma" unload_odma
unload nvme
