# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# An attachment is ended though something of it is live: that is leaked on
# purpose. It is the last scenario of its boot, as bounce buffers that are
# leaked keep their module.

# shellcheck source=/dev/null
. /guest/translating.sh
# shellcheck source=/dev/null
. /guest/lingering.sh

# Kept aside by memmap= on the command line; see boots.py.
ASIDE=0x8000000

# forced <mappings> <words...>
forced()
{
	mappings=$1
	shift
	phase="$*"
	leave_behind "$phase" "$@"
	lingers "$phase, unbound" "$EDU" "$1" - odma_edu_leaver "$mappings" 2
	say "mark of $phase"
	works "$phase: detach by force" sh -c \
		"odma detach --force '$EDU' >/run/said 2>&1 || { cat /run/said; false; }"
	works "$phase, forced: the tool says what is leaked" grep -q leaked /run/said
	works "$phase, forced: the log says what is lost" sh -c \
		"dmesg | sed '1,/mark of $phase\$/d' |
		grep -q 'odma: $EDU: detached by force .*: $mappings mappings .* 2 allocations (16384 bytes) of odma_edu_leaver'"
	works "$phase, forced: not attached" not attached "$EDU"
	same "$phase, forced: no rule" "$(cat /sys/kernel/odma/rules)" ""
	# Whoever frees it now does so by the kernel's own functions.
	works "$phase, forced: nobody frees it" let_go forget
	all_is_well "$phase, forced"
}

expect_leftovers
begin_lingering
forced 0 direct
forced 0 direct "pool=$ASIDE+1M" pool=only
for mode in strict lazy untrusted shadow; do
	forced 1 iommu $mode
done
works "rmmod odma-iommu-host" rmmod odma_iommu_host
works "rmmod odma-iommu" rmmod odma_iommu
forced 1 swiotlb restricted
forced 1 swiotlb force
works "rmmod the driver that leaves things behind" rmmod odma_edu_leaver
no_more_leftovers
works "leaked bounce buffers keep their module" not rmmod odma_swiotlb
