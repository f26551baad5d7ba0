# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # tracing.sh sets tracing
# The backend swiotlb under Debian's NVMe driver: all its buffers bounce, those
# that it can't reach, and what it allocates as well; and the module that does
# it, when it is missing, in use, and gone.

# shellcheck source=/dev/null
. /guest/tracing.sh
# shellcheck source=/dev/null
. /guest/bouncing.sh

all_mib=$((2 * PATTERN_MIB + 2 * SLOT_MIB))

# traced <event>
traced()
{
	grep -c " $1: $NVME " "$tracing/trace"
}

load nvme
works "insmod odma" load_odma

odma attach "$NVME" swiotlb >/run/why 2>&1
same "without the module: no attach" $? 1
works "without the module: the message says what to load" \
	grep -q "no backend 'swiotlb' (is odma-swiotlb.ko loaded?" /run/why
works "without the module: the driver is back" bound "$NVME"

# As depmod would have it: the rule loads the module.
cp /odma/odma-swiotlb.ko "/lib/modules/$(uname -r)/"
echo "odma-swiotlb.ko:" >>"/lib/modules/$(uname -r)/modules.dep"
works "attach" attach "$NVME" swiotlb stats
works "the rule has loaded the module" test -d /sys/module/odma_swiotlb
rm "/lib/modules/$(uname -r)/odma-swiotlb.ko"
works "rmmod is refused while a device bounces" not unload_swiotlb
trace_on
disk_io "force" "$NVME" 0
trace_off
at_least "force: mappings" "$(traced odma_map)" 100
same "force: every one is in the pool" "$(outside_of 32-bit odma_map)" 0
nothing_mapped "$NVME"
counters_add_up "$NVME" $((all_mib << 20)) swiotlb
pool_was_used 32-bit
works "detach" detach "$NVME"

works "auto: attach" attach "$NVME" swiotlb auto stats
disk_io "auto" "$NVME" 0
same "auto: a device that reaches all of memory does not bounce" \
	"$(in_pool 32-bit high_water)" 0
counters_add_up "$NVME" $((all_mib << 20)) swiotlb
works "auto: detach" detach "$NVME"

trace_on
works "restricted: attach" attach "$NVME" swiotlb restricted pool_kib=8192 stats
disk_io "restricted" "$NVME" 0
trace_off
at_least "restricted: mappings" "$(traced odma_map)" 100
same "restricted: every one is in its pool" "$(outside_of "$NVME" odma_map)" 0
at_least "restricted: allocations" "$(traced odma_alloc)" 2
same "restricted: every one is in its pool" "$(outside_of "$NVME" odma_alloc)" 0
at_least "restricted: its pool has them" \
	$(($(in_pool "$NVME" used) * 2048)) "$(counter "$NVME" live_alloc_bytes)"
same "restricted: the shared pool has nothing" "$(in_pool 32-bit high_water)" 0
nothing_mapped "$NVME"
same "restricted: no failures" "$(pool_failures "$NVME")" 0
counters_add_up "$NVME" $((all_mib << 20)) swiotlb
works "restricted: detach" detach "$NVME"
works "restricted: its pool has gone" not test -e "/sys/kernel/odma/swiotlb/$NVME"

trace_clear
works "rmmod odma-swiotlb" unload_swiotlb
works "its files have gone" not test -e /sys/kernel/odma/swiotlb
disk_io "unloaded" "$NVME" 1
works "rmmod odma" unload_odma
unload nvme
