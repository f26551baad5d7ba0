# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# A device of 28 bits whose driver has buffers anywhere in memory: the sample
# driver with high=1, as a module whose dma_*() calls are odma_*() calls and as
# one that knows nothing of odma.

# shellcheck source=/dev/null
. /guest/bouncing.sh

# The kernel's own bounce buffers are beyond this device's reach too: while odma
# is not there, the driver has low ones.

# The device's reach ends here.
BEYOND=$((1 << 28))

selftest()
{
	cat "$(pci "$EDU")/selftest" 2>&1
}

# buffers_from <0 or 1>: below the device's reach, or anywhere
buffers_from()
{
	echo "$1" >"/sys/module/$(echo "$module" | tr - _)/parameters/high"
}

# round_trip <phase>: with buffers that the device can't reach
round_trip()
{
	same "$1: the DMA round trip" "$(selftest)" pass
	at_least "$1: of a buffer beyond the device's reach" \
		$(($(cat "$(pci "$EDU")/buffer"))) $BEYOND
}

# spares_low <pool>: none of it is where devices of 24 bits have theirs
spares_low()
{
	awk -v pool="$1" '$1 == pool { print $2 }' \
		/sys/kernel/debug/odma/swiotlb-areas |
	while read -r begin; do
		[ $((begin)) -ge $((1 << 24)) ] || exit 1
	done
}

# in_28_bits <phase> <pool>
in_28_bits()
{
	at_most "$1: the pool is in the device's reach" \
		"$(awk -v pool="$2" '$1 == pool { print $2, $3 }' \
			/sys/kernel/debug/odma/swiotlb-areas |
			while read -r begin kib; do
				echo $((begin + (kib << 10)))
			done | sort -n | tail -n 1)" $BEYOND
	at_least "$1: it has bounced" "$(in_pool "$2" high_water)" 1
	same "$1: nothing is in use" "$(in_pool "$2" used)" 0
	same "$1: no failures" "$(pool_failures "$2")" 0
}

for module in odma-edu odma-edu-plain; do
	works "insmod odma" load_odma
	works "$module: attach" attach "$EDU" direct stats
	works "$module: insmod" insmod "/odma/$module.ko"
	works "$module: the sample binds the device" soon bound "$EDU"
	same "$module: low buffers need no bouncing" "$(selftest)" pass
	buffers_from 1
	mark "$module"
	same "$module, nothing bounces: an error" "$(selftest)" "fail -12"
	at_least "$module, nothing bounces: counted" "$(counter "$EDU" failures)" 1
	works "$module, nothing bounces: the log says why" said_of "$EDU" \
		"failed: beyond the device's reach, and no bounce backend serves it (mask 0xfffffff,"

	works "$module: insmod odma-swiotlb, with the driver bound" load_swiotlb
	round_trip "$module, direct"
	in_28_bits "$module, direct" 28-bit
	buffers_from 0
	same "$module, direct: low buffers too" "$(selftest)" pass
	buffers_from 1
	works "$module, direct: bind again" rebind "$EDU"
	round_trip "$module, direct, again"
	nothing_mapped "$EDU"
	same "$module, direct: no failures any more" "$(counter "$EDU" failures)" 0
	works "rmmod is refused while a device bounces" not unload_swiotlb
	buffers_from 0
	works "$module, direct: detach" detach "$EDU"

	works "$module, force: attach" attach "$EDU" swiotlb stats
	buffers_from 1
	round_trip "$module, force"
	counters_add_up "$EDU" 8192 swiotlb
	nothing_mapped "$EDU"
	in_28_bits "$module, force" 28-bit
	buffers_from 0
	works "$module, force: detach" detach "$EDU"

	works "$module, own pool: attach" attach "$EDU" swiotlb restricted \
		pool_kib=256 bits=28 stats
	works "$module, own pool: not in the memory of those of 24 bits" \
		spares_low "$EDU"
	buffers_from 1
	round_trip "$module, own pool"
	# What the driver has allocated is there as well.
	same "$module, own pool: the page that it shares with the device" \
		$(($(in_pool "$EDU" used) * 2048)) "$(counter "$EDU" live_alloc_bytes)"
	buffers_from 0
	works "$module, own pool: detach" detach "$EDU"

	works "$module, own pool beyond its reach: no attach" not \
		odma attach "$EDU" swiotlb pool_kib=256
	works "$module, own pool beyond its reach: the log says what to do" sh -c \
		"dmesg | tail -n 20 | grep -q 'does not reach its own pool: say bits=28 in the rule'"

	works "$module: and is as before" bound "$EDU"
	works "$module: rmmod" rmmod "$(echo "$module" | tr - _)"
	works "rmmod odma-swiotlb" unload_swiotlb
	works "rmmod odma" unload_odma
done
