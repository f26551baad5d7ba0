# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The same round for every driver of a network card.

# net_driver <function> [idle check], bound to its driver
net_driver()
{
	works "insmod odma" load_odma
	works "attach" attach "$1" direct stats
	net_io "attached" "$1"
	# A receive ring stays mapped for as long as the interface is up.
	net_down
	[ $# -lt 2 ] || "$2" "$1"
	with_odma && counters_add_up "$1" $(((2 * NET_MIB) << 20))
	with_odma && at_least "sysfs counts the allocations" "$(counter "$1" allocs)" 1
	works "detach" detach "$1"
	with_odma && works "no longer attached" not attached "$1"
	net_io "detached" "$1"
	works "rmmod odma" unload_odma
	net_io "unloaded" "$1"
	net_down
}
