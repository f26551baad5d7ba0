# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Devices behind an IOMMU.

# "untrusted" takes bounce buffers.
load_iommu()
{
	insmod /odma/odma-swiotlb.ko && insmod /odma/odma-iommu.ko &&
		insmod /odma/odma-iommu-host.ko
}

unload_iommu()
{
	rmmod odma_iommu_host && rmmod odma_iommu && rmmod odma_swiotlb
}

group_type()
{
	cat "$(pci "$1")/iommu_group/type"
}

# kernel_translates <function>: by its own DMA code
kernel_translates()
{
	case $(group_type "$1") in
	DMA*) ;;
	*) return 1 ;;
	esac
}

# try_all <phase> [file]: what samples/edu/rogue.c has edu do
try_all()
{
	works "$1: every attempt is made" \
		sh -c "cat '$(pci "$EDU")/${2:-moved}' >/run/moved"
}

# moves <phase> <attempt> <bytes, or addresses>
moves()
{
	same "$1: $2" \
		"$(sed -n "s/^$2 //p" /run/moved)" "$3"
}

# expect_faults <function>, and no_more_faults: the log is searched for others
expect_faults()
{
	say "expecting DMA faults of ${1#0000:}"
}

# What comes late is told with the next fault: the IOMMU interrupts once.
no_more_faults()
{
	usleep 200000
	say "expecting no more DMA faults"
}
