# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# shellcheck disable=SC2154 # tracing.sh sets tracing, find_disk disk
# Coherent pools under Debian's NVMe driver: its queues live where the rule
# says, and nowhere else.

# shellcheck source=/dev/null
. /guest/tracing.sh

# Kept aside by memmap= on the command line; see boots.py.
ASIDE=0x8000000
ASIDE_MIB=32

# allocated_outside <first> <last>: how many of the trace's allocations don't
# lie between these two addresses
allocated_outside()
{
	sed -n 's/.* odma_alloc: .* dma=\(0x[0-9a-f]*\) .*/\1/p' "$tracing/trace" |
		while read -r address; do
			[ $((address)) -ge $(($1)) ] && [ $((address)) -le $(($2)) ] ||
				echo "$address"
		done | grep -c .
}

allocations()
{
	grep -c " odma_alloc: " "$tracing/trace"
}

# lives_in <what> <address> <MiB>: attach NVMe to a pool there, and use it
lives_in()
{
	trace_on
	works "$1: attach" attach "$NVME" direct stats "pool=$2+$3M" pool=only
	disk_io "$1" "$NVME" 0
	trace_off
	at_least "$1: the driver allocates" "$(allocations)" 2
	same "$1: nothing is allocated elsewhere" \
		"$(allocated_outside "$2" $(($2 + ($3 << 20) - 1)))" 0
	same "$1: sysfs says how large the pool is" \
		"$(counter "$NVME" pool_bytes)" $(($3 << 20))
	same "$1: all that is allocated is from the pool" \
		"$(counter "$NVME" pool_used)" "$(counter "$NVME" live_alloc_bytes)"
	at_least "$1: and that is not nothing" "$(counter "$NVME" pool_used)" 8192
	at_least "$1: high-water mark" "$(counter "$NVME" pool_high_water)" \
		"$(counter "$NVME" pool_used)"
	same "$1: as many in debugfs" \
		"$(grep -c " $NVME " /sys/kernel/debug/odma/pool-holders)" \
		"$(counter "$NVME" live_allocs)"
	works "$1: /proc/iomem names the owner" grep -q ": odma pool for $NVME\$" /proc/iomem
	report_counters "$NVME"
	rule=$(put "pci $NVME" "$DETACH")
	same "$1: detach is refused while it is in use" "${rule##*: }" \
		"Device or resource busy"
	works "$1: detach" detach "$NVME"
	same "$1: /proc/iomem" "$(grep -c "odma pool" /proc/iomem)" 0
	disk_io "$1, detached" "$NVME" 1
}

# decode_memory <function> <0 or 2>: what its PCI command register says
decode_memory()
{
	printf '%b' "\\0$2" | dd of="$(pci "$1")/config" bs=1 seek=4 conv=notrunc 2>/dev/null
}

load nvme
works "insmod odma" load_odma
works "the machine keeps memory aside" grep -qi "8000000-.*reserved" /proc/iomem
lives_in "memmap" "$ASIDE" 4

# A small pool, and memory from anywhere when it is full.
works "too small, attach" attach "$NVME" direct "pool=$ASIDE+8K"
disk_io "too small" "$NVME" 0
at_least "too small: more than the pool has" "$(counter "$NVME" live_alloc_bytes)" 8193
at_least "too small: the pool said no" "$(counter "$NVME" pool_failures)" 1
works "too small, detach" detach "$NVME"

# The same, and the rule forbids memory from anywhere: the driver must fail, and
# whoever wrote the rule must be able to see why.
if odma attach "$NVME" direct "pool=$ASIDE+4K" pool=only >/run/why 2>&1; then
	# Some versions go on without what they could not get.
	works "full: detach" detach "$NVME"
else
	pass "full: the driver does not bind"
fi
works "full: the log says so" sh -c \
	"dmesg | grep -q 'odma: $NVME: no room in its pools: [0-9]* bytes asked, largest free run 0, 4096 of 4096 in use; $NVME (nvme) holds most, 4096 bytes in 1 allocations'"
bound "$NVME" || bind "$NVME"
disk_io "after a pool that was full" "$NVME" 1

# One pool for whoever is told to use it.
global=/sys/kernel/odma/global_pool
same "no global pool" "$(cat $global)" none
works "declare the global pool" put "$ASIDE+${ASIDE_MIB}M" $global
same "the global pool" "$(cat $global)" "$ASIDE+0x2000000"
trace_on
works "global: attach" attach "$NVME" direct pool=global pool=only
trace_off
same "global: nothing is allocated elsewhere" \
	"$(allocated_outside "$ASIDE" $((ASIDE + (ASIDE_MIB << 20) - 1)))" 0
disk_io "global" "$NVME" 0
why=$(put none $global)
same "global: release is refused while it is in use" "${why##*: }" \
	"Device or resource busy"
works "global: the log lists the holder" sh -c \
	"dmesg | tail -n 20 | grep -q 'odma:   $NVME (nvme) holds 0x8'"
works "global: detach" detach "$NVME"
works "global: release" put none $global
same "global: gone" "$(cat $global)" none

# Memory of another device: ivshmem's, which the host reads as a file.
bar=$(sed -n 3p "$(pci "$IVSHMEM")/resource" | cut -d ' ' -f 1)
unbind "$NVME"
decode_memory "$IVSHMEM" 0
why=$(put "pci $NVME direct pool=$bar+4M" "$ATTACH")
same "a disabled PCI BAR is refused" "${why##*: }" "Invalid argument"
works "the log says that it is no memory" sh -c \
	"dmesg | grep 'odma: ' | tail -n 1 | grep -q 'what is written there does not stay'"
decode_memory "$IVSHMEM" 2
bind "$NVME"
lives_in "PCI BAR" "$bar" 4

trace_clear
works "rmmod odma" unload_odma
unbind "$NVME"
works "boot parameters" load_odma "global_pool=$ASIDE+1M" \
	"attach=\"pci $NVME direct pool=global\""
same "boot parameters: the global pool" "$(cat $global)" "$ASIDE+0x100000"
works "boot parameters: bind" bind "$NVME"
works "boot parameters: attached" attached "$NVME"
disk_io "boot parameters" "$NVME" 0
at_least "boot parameters: the driver allocates from the pool" \
	"$(grep -c " $NVME " /sys/kernel/debug/odma/pool-holders)" 1
works "boot parameters: detach" detach "$NVME"
works "rmmod odma with a global pool" unload_odma
same "nothing stays claimed" "$(grep -c 'odma' /proc/iomem)" 0
unload nvme
