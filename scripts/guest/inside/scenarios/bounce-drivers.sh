# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # tracing.sh sets tracing
# Every buffer of every stock driver bounces. bounce.sh has NVMe.

# shellcheck source=/dev/null
. /guest/tracing.sh
# shellcheck source=/dev/null
. /guest/bouncing.sh

# bounced_disk <name> <function>
bounced_disk()
{
	works "$1: attach" attach "$2" swiotlb stats
	disk_io "$1" "$2" 0
	nothing_mapped "$2"
	counters_add_up "$2" $(((2 * PATTERN_MIB + 2 * SLOT_MIB) << 20)) swiotlb
	pool_was_used 32-bit
	works "$1: detach" detach "$2"
}

# bounced_net <name> <function>
bounced_net()
{
	works "$1: attach" attach "$2" swiotlb stats
	trace_on
	net_io "$1" "$2"
	trace_off
	net_down
	counters_add_up "$2" $(((2 * NET_MIB) << 20)) swiotlb
	same "$1: no failures in the pool" "$(pool_failures 32-bit)" 0
	at_least "$1: it has bounced" "$(in_pool 32-bit high_water)" 1
}

load virtio_pci virtio_blk ahci sd_mod e1000e virtio_net
works "insmod odma" load_odma
works "insmod odma-swiotlb" load_swiotlb

bounced_disk virtio-blk "$VIRTIO_BLK"
bounced_disk ahci "$AHCI"

bounced_net e1000e "$E1000E"
at_least "e1000e: what it sends is larger than a packet" \
	"$(sed -n "s/.* odma_map: $E1000E .* size=\([0-9]*\) dir=to-device.*/\1/p" \
		"$tracing/trace" | sort -n | tail -n 1)" 4096
nothing_mapped "$E1000E"
pool_was_used 32-bit
works "e1000e: detach" detach "$E1000E"

# Its receive buffers stay mapped for as long as it is bound.
bounced_net virtio-net "$VIRTIO_NET"
works "virtio-net: detach" detach "$VIRTIO_NET"
pool_was_used 32-bit

trace_clear
works "rmmod odma-swiotlb" unload_swiotlb
works "rmmod odma" unload_odma
unload e1000e virtio_net
