# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # tracing.sh sets tracing
# Bounce buffers: what their files say, and whether it can be true.

load_swiotlb()
{
	insmod /odma/odma-swiotlb.ko "$@"
}

unload_swiotlb()
{
	rmmod odma_swiotlb
}

# in_pool <pool> <file>
in_pool()
{
	cat "/sys/kernel/odma/swiotlb/$1/$2" 2>&1
}

# pool_failures <pool>: for whatever reason
pool_failures()
{
	echo $(($(in_pool "$1" failed_full) + $(in_pool "$1" failed_growing) +
		$(in_pool "$1" failed_too_large) + $(in_pool "$1" failed_align) +
		$(in_pool "$1" failed_reach) + $(in_pool "$1" failed_share)))
}

# table_of <pool> <column>: of the table of all pools
table_of()
{
	awk -v pool="$1" -v column="$2" '$1 == pool { print $column }' \
		/sys/kernel/debug/odma/swiotlb
}

# pool_was_used <pool>: and nothing of it is in use now
pool_was_used()
{
	same "the $1 pool: nothing is in use" "$(in_pool "$1" used)" 0
	at_least "the $1 pool: high-water mark" "$(in_pool "$1" high_water)" 1
	at_most "the $1 pool: no more than it has" "$(in_pool "$1" high_water)" \
		"$(in_pool "$1" slots)"
	same "the $1 pool: no failures" "$(pool_failures "$1")" 0
	at_most "the $1 pool: its limit holds" "$(in_pool "$1" bytes)" \
		"$(in_pool "$1" limit)"
	same "the $1 pool: the table says the same" \
		"$(table_of "$1" 2) $(table_of "$1" 3) $(table_of "$1" 5)" \
		"$(($(in_pool "$1" bytes) >> 10)) $(($(in_pool "$1" limit) >> 10)) $(($(in_pool "$1" high_water) * 2))"
	same "the $1 pool: its areas add up" \
		"$(awk -v pool="$1" '$1 == pool { kib += $3 } END { print kib }' \
			/sys/kernel/debug/odma/swiotlb-areas)" \
		"$(($(in_pool "$1" bytes) >> 10))"
	echo 0 >"/sys/kernel/odma/swiotlb/$1/high_water"
	same "the $1 pool: the mark is reset" "$(in_pool "$1" high_water)" 0
}

# outside_of <pool> <event> [node]: how many of these events in the trace name
# memory that is not in one of the pool's areas (on that node). busybox's awk
# reads no hexadecimal numbers.
outside_of()
{
	sed -n "s/.* $2: .* dma=0x\([0-9a-f]*\) size=\([0-9]*\).*/\1 \2/p" \
		"$tracing/trace" >/run/events
	awk -v pool="$1" -v node="${3:-}" '
		function number(hex,  i, n) {
			for (i = 1; i <= length(hex); i++)
				n = n * 16 + index("123456789abcdef", substr(hex, i, 1))
			return n
		}
		FNR == NR {
			if ($1 == pool && (node == "" || $6 == node)) {
				begin[++areas] = number(substr($2, 3))
				end[areas] = begin[areas] + $3 * 1024
			}
			next
		}
		{
			at = number($1)
			for (i = 1; i <= areas; i++)
				if (at >= begin[i] && at + $2 <= end[i])
					next
			outside++
		}
		END { print outside + 0 }
	' /sys/kernel/debug/odma/swiotlb-areas /run/events
}

# nodes_of <pool>: where its areas are, each node once
nodes_of()
{
	awk -v pool="$1" '$1 == pool { print $6 }' \
		/sys/kernel/debug/odma/swiotlb-areas | sort -nu | xargs
}

# mark <text>: what the log has from here on is what the next ones look at
mark()
{
	say "mark of $1"
	marked="mark of $1"
}

said_since()
{
	dmesg | sed "1,/$marked/d"
}

# said_by_pools: what of that is theirs
said_by_pools()
{
	said_since | grep 'odma-swiotlb: '
}

# said_of <device> <text>: is it there, of this device?
said_of()
{
	said_since | grep "odma: $1: " | grep -q "$2"
}
