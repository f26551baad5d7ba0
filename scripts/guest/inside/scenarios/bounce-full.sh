# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # find_disk sets disk
# A pool that is far too small for what its disk has under way: the driver gets
# errors, waits, and tries again. Nothing hangs, nothing is wrong, and the log
# says why it is slow.

# shellcheck source=/dev/null
. /guest/bouncing.sh

readers=4
well_formed="odma-swiotlb: $NVME: no bounce buffer for [1-9][0-9]* bytes in the $NVME pool: largest free run [0-9]+, used [0-9]+ of 131072, limit 131072"
holder="; most is held by $NVME \(nvme\) [1-9][0-9]*"

seconds()
{
	cut -d . -f 1 /proc/uptime
}

# all_right: what the readers got
all_right()
{
	for sum in /run/reader.*; do
		cat "$sum"
	done | sort -u
}

read_at_once()
{
	reader=0
	while [ "$reader" -lt "$readers" ]; do
		reader=$((reader + 1))
		timeout 60 dd if="/dev/$disk" bs=1M count="$PATTERN_MIB" \
			iflag=direct 2>/run/dd.log | sum >"/run/reader.$reader" &
	done
	wait
}

said_who_holds()
{
	said_by_pools | grep -q -E "$well_formed$holder\$"
}

load nvme
works "insmod odma" load_odma
works "more than half of memory: not loaded" not load_swiotlb pool_kib=99999999
works "more than half of memory: the log says so" sh -c \
	'dmesg | grep -q "module parameter: pool_kib=99999999 is more than half"'
works "insmod odma-swiotlb" load_swiotlb
works "too small: attach" attach "$NVME" swiotlb pool_kib=128 limit_kib=128 stats
find_disk "$NVME"
mark "the small pool"
begun=$(seconds)
read_at_once
same "too small: $readers readers at once get the host's checksum" \
	"$(all_right)" "$PATTERN_SHA256"
disk_io "too small" "$NVME" 0
# What was in the way may have gone before the line is written.
again=0
until said_who_holds || [ "$again" = 5 ]; do
	again=$((again + 1))
	sleep 5 # then there may be lines again
	read_at_once
done
same "too small: the host's checksum as often as it was read" \
	"$(all_right)" "$PATTERN_SHA256"
took=$(($(seconds) - begun))
nothing_mapped "$NVME"
at_least "too small: it was" "$(in_pool "$NVME" failed_full)" 1
same "too small: the device's counter has every failure" \
	"$(counter "$NVME" failures)" "$(pool_failures "$NVME")"
same "too small: it stayed so" "$(in_pool "$NVME" bytes)" 131072
same "too small: all is given back" "$(in_pool "$NVME" used)" 0
said_by_pools >/run/said
at_least "too small: the log says so" "$(grep -c 'no bounce buffer' /run/said)" 1
at_most "too small: it is not flooded" "$(grep -c 'no bounce buffer' /run/said)" \
	$((3 * (took / 5 + 2)))
same "too small: with pool, run, use and limit" \
	"$(grep 'no bounce buffer' /run/said | grep -v -c -E "$well_formed($holder)?\$")" 0
at_least "too small: and who holds it" \
	"$(grep -c -E "$well_formed$holder\$" /run/said)" 1
works "too small: detach" detach "$NVME"

# Requests that are cut into parts which would not fit beside each other if each
# could be as long as the memory in one piece.
works "one piece: attach" attach "$NVME" swiotlb pool_kib=256 limit_kib=256 stats
disk_io "one piece" "$NVME" 0
nothing_mapped "$NVME"
same "one piece: it stayed so" "$(in_pool "$NVME" bytes)" 262144
works "one piece: detach" detach "$NVME"

works "large enough: attach" attach "$NVME" swiotlb pool_kib=4096 stats
disk_io "large enough" "$NVME" 1
same "large enough: no failures" \
	"$(counter "$NVME" failures) $(pool_failures "$NVME")" "0 0"
works "large enough: detach" detach "$NVME"
works "rmmod odma-swiotlb" unload_swiotlb
works "rmmod odma" unload_odma
unload nvme
