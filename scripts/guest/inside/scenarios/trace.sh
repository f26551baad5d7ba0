# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The tracepoints, with a shell as the only tool.

tracing=/sys/kernel/tracing
[ -d "$tracing/events" ] || mount -t tracefs tracefs "$tracing"

load nvme
works "insmod odma" load_odma
for event in attach detach map unmap sync alloc free failure; do
	works "there is an event odma_$event" \
		test -f "$tracing/events/odma/odma_$event/format"
done
echo >"$tracing/trace"
echo 1 >"$tracing/events/odma/enable"
works "attach" attach "$NVME" direct
# shellcheck disable=SC2154 # find_disk sets disk
find_disk "$NVME" && read_mib "$disk" 0 1 iflag=direct >/dev/null
works "detach" detach "$NVME"
echo 0 >"$tracing/events/odma/enable"
for event in attach detach map unmap alloc free; do
	at_least "the trace shows odma_$event" \
		"$(grep -c " odma_$event: " "$tracing/trace")" 1
done
grep " odma_" "$tracing/trace" | grep -c -v "$NVME" >/run/foreign
same "every event names the device" "$(cat /run/foreign)" 0
echo >"$tracing/trace"
works "rmmod odma" unload_odma
unload nvme
