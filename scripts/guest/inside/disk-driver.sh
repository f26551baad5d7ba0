# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The same round for every driver of a disk.

# disk_driver <function>, bound to its driver
disk_driver()
{
	works "insmod odma" load_odma
	works "attach" attach "$1" direct stats
	disk_io "attached" "$1" 0
	nothing_mapped "$1"
	with_odma && counters_add_up "$1" $(((2 * PATTERN_MIB + 2 * SLOT_MIB) << 20))
	with_odma && at_least "sysfs counts the allocations" "$(counter "$1" allocs)" 1
	works "detach" detach "$1"
	with_odma && works "no longer attached" not attached "$1"
	disk_io "detached" "$1" 1
	works "rmmod odma" unload_odma
	disk_io "unloaded" "$1" 2
}
