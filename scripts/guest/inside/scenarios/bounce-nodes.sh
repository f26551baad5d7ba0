# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # find_disk sets disk, tracing.sh sets tracing
# A machine of two NUMA nodes: a device's bounce buffers are on its own node, or
# if it has none on that of the CPU, and elsewhere only when there is no room.

# shellcheck source=/dev/null
. /guest/tracing.sh
# shellcheck source=/dev/null
. /guest/bouncing.sh

# mapped_by_cpu <cpu>: read the disk there, and trace it
mapped_by_cpu()
{
	trace_on
	same "$phase, CPU $1: the host's checksum" \
		"$(taskset $((1 << $1)) dd if="/dev/$disk" bs=64k iflag=direct \
			count=$((PATTERN_MIB * 16)) 2>/run/dd.log | sum)" \
		"$PATTERN_SHA256"
	trace_off
	at_least "$phase, CPU $1: mappings" \
		"$(grep -c ' odma_map: ' "$tracing/trace")" $((PATTERN_MIB * 16))
}

# on_node <cpu> <node>: all that is mapped there has its buffer on this node
on_node()
{
	mapped_by_cpu "$1"
	same "$phase, CPU $1: every buffer is on node $2" \
		"$(outside_of 32-bit odma_map "$2")" 0
}

works "insmod odma" load_odma
same "the machine has two nodes" "$(cat /sys/devices/system/node/online)" 0-1
load nvme
same "one disk is on the second" \
	"$(cat "$(pci "$NVME")/numa_node") $(cat "$(pci "$FAR_NVME")/numa_node")" "-1 1"

works "insmod odma-swiotlb" load_swiotlb
same "the pool has memory on both" "$(nodes_of 32-bit)" "0 1"
phase="on node 1"
works "$phase: attach" attach "$FAR_NVME" swiotlb stats
find_disk "$FAR_NVME"
on_node 0 1
on_node 1 1
disk_io "$phase" "$FAR_NVME" 0
works "$phase: detach" detach "$FAR_NVME"

phase="on no node"
works "$phase: attach" attach "$NVME" swiotlb stats
find_disk "$NVME"
on_node 0 0
on_node 1 1
works "$phase: detach" detach "$NVME"
pool_was_used 32-bit

# Its first memory, and what it gains under way.
phase="a pool of its own"
works "$phase: attach" attach "$FAR_NVME" swiotlb pool_kib=256 limit_kib=4096 stats
find_disk "$FAR_NVME"
same "$phase: where it begins" "$(nodes_of "$FAR_NVME")" 1
disk_io "$phase" "$FAR_NVME" 1
at_least "$phase: it has grown" "$(in_pool "$FAR_NVME" bytes)" $((512 << 10))
same "$phase: where it is then" "$(nodes_of "$FAR_NVME")" 1
works "$phase: detach" detach "$FAR_NVME"
works "rmmod odma-swiotlb" unload_swiotlb

# 256 KiB on node 0, 128 KiB on node 1: not everything has room there, as this
# device may have all of it.
phase="too little on node 1"
works "insmod odma-swiotlb" load_swiotlb pool_kib=384 limit_kib=384 share_kib=384
same "$phase: the pool has memory on both" "$(nodes_of 32-bit)" "0 1"
works "$phase: attach" attach "$FAR_NVME" swiotlb stats
find_disk "$FAR_NVME"
trace_on
# All at once: the driver has as many requests as it can get mapped.
same "$phase: the host's checksum" \
	"$(dd if="/dev/$disk" bs="${PATTERN_MIB}M" count=1 iflag=direct \
		2>/run/dd.log | sum)" "$PATTERN_SHA256"
trace_off
at_least "$phase: the other has helped out" \
	"$(outside_of 32-bit odma_map 1)" 1
same "$phase: nothing is anywhere else" "$(outside_of 32-bit odma_map)" 0
works "$phase: detach" detach "$FAR_NVME"

trace_clear
works "rmmod odma-swiotlb" unload_swiotlb
works "rmmod odma" unload_odma
unload nvme
