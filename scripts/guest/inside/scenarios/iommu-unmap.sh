# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# A driver that unmaps what it has not mapped: its other mappings live on, and
# no address is given to two.

# shellcheck source=/dev/null
. /guest/translating.sh

# lines_since <mark>: of odma's, about an unmap
lines_since()
{
	dmesg | sed "1,/guest: $1\$/d" |
		grep -c 'odma-iommu: .* unmap of .*(unmapped twice, or '
}

works "insmod odma" load_odma
works "insmod the modules of the backend" load_iommu
works "insmod odma-edu-rogue" insmod /odma/odma-edu-rogue.ko bits=32
works "the rogue is bound" soon bound "$EDU"

# In a domain of its own each time: nothing has left a table there.
for mode in strict lazy untrusted shadow; do
	works "$mode: attach" attach "$EDU" iommu $mode
	works "$mode: attached" attached "$EDU"
	say "mark of $mode"
	try_all "$mode" unmapped
	moves "$mode" never $((8 * 512))
	moves "$mode" twice $((2 * 512))
	moves "$mode" same 0
	same "$mode: a line for each" "$(lines_since "mark of $mode")" 2
	works "$mode: detach" detach "$EDU"
done
works "nothing is left" not attached "$EDU"
works "rmmod odma-edu-rogue" rmmod odma_edu_rogue
works "rmmod the modules of the backend" unload_iommu
works "rmmod odma" unload_odma
