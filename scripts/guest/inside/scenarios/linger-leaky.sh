# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# A driver whose mapping and allocations outlive it, under each backend: they
# are ended late, before and after a rebind, with and without the rule.

# shellcheck source=/dev/null
. /guest/translating.sh
# shellcheck source=/dev/null
. /guest/lingering.sh

# Kept aside by memmap= on the command line; see boots.py.
ASIDE=0x8000000

# no_address_twice <phase> <addresses> <other ones>
no_address_twice()
{
	for address in $2; do
		case " $3 " in
		*" $address "*)
			fail "$1: what is live is given to nobody" "$address again"
			return
			;;
		esac
	done
	pass "$1: what is live is given to nobody"
}

is_of_type()
{
	[ "$(group_type "$EDU")" = "$1" ]
}

# leaky <mappings> <backend's module> <words...>: how many there are to count
leaky()
{
	mappings=$1
	module=$2
	shift 2
	phase="$*"
	leave_behind "$phase" "$@"
	lingers "$phase, unbound" "$EDU" "$1" - odma_edu_leaver "$mappings" 2
	for name in odma $module; do
		works "$phase, unbound: rmmod $name is refused" not rmmod "$name"
	done

	# The driver comes back by the same rule.
	works "$phase, rebound: bind" bind "$EDU"
	same "$phase, rebound: goes on" "$(counter "$EDU" state)" attached
	no_address_twice "$phase, rebound" "$(addresses)" "$old"
	moves_right "$phase, rebound" "$EDU"
	works "$phase, rebound: late unmap" let_go unmap
	copied_back "$phase, rebound"
	moves_right "$phase, rebound, after the unmap" "$EDU"
	works "$phase, rebound: late free" let_go free
	moves_right "$phase, rebound, after the free" "$EDU"
	old=$(addresses)
	works "$phase, rebound: unbind" unbind "$EDU"
	lingers "$phase, unbound again" "$EDU" "$1" - odma_edu_leaver "$mappings" 2

	# It comes back without a rule: nobody else can serve what is live.
	works "$phase, no rule: detach" put "pci $EDU" "$DETACH"
	same "$phase, no rule: the rule has gone" "$(cat /sys/kernel/odma/rules)" ""
	lingers "$phase, no rule" "$EDU" "$1" - odma_edu_leaver "$mappings" 2
	works "$phase, no rule: bind" bind "$EDU"
	lingers "$phase, no rule, bound" "$EDU" "$1" odma_edu_leaver \
		odma_edu_leaver $((mappings * 2)) 4
	no_address_twice "$phase, no rule, bound" "$(addresses)" "$old"
	moves_right "$phase, no rule, bound" "$EDU"
	works "$phase, no rule, bound: late unmap" let_go unmap
	copied_back "$phase, no rule, bound"
	works "$phase, no rule, bound: late free" let_go free
	moves_right "$phase, no rule, bound, after both" "$EDU"

	# A rule that would have it otherwise has to wait.
	works "$phase, no rule: unbind" unbind "$EDU"
	works "$phase: another rule is refused" not put "pci $EDU direct bypass" "$ATTACH"

	# Behind its back.
	works "$phase, in the end: late unmap" let_go unmap
	copied_back "$phase, in the end"
	same "$phase, in the end: what is allocated stays" "$(attachment "$EDU" 10)" 2
	works "$phase, in the end: late free" let_go free
	given_back "$phase, in the end" "$EDU"
	works "$phase, in the end: its group is as it was" soon is_of_type "$before"
	all_is_well "$phase, in the end"
}

before=$(group_type "$EDU")
expect_leftovers
begin_lingering

leaky 0 "" direct
leaky 0 "" direct "pool=$ASIDE+1M" pool=only
same "no pool stays claimed" "$(grep -c "odma pool" /proc/iomem)" 0
leaky 1 odma_swiotlb swiotlb force
leaky 1 odma_swiotlb swiotlb restricted
for mode in strict lazy untrusted shadow; do
	leaky 1 odma_iommu_host iommu $mode
done

works "rmmod the driver" rmmod odma_edu_leaver
no_more_leftovers
works "rmmod the modules of the backends" unload_iommu
works "rmmod odma" unload_odma
