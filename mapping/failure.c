// SPDX-License-Identifier: GPL-2.0
/*
 * Saying why a mapping or an allocation failed: count, trace, and one line
 * that names device, address, size and mask.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/percpu.h>
#include <trace/events/odma.h>
#include "core.h"

static const char * const odma_reasons[] = {
	[ODMA_FAIL_DIRECTION]	= "no valid DMA direction",
	[ODMA_FAIL_NO_MASK]	= "the device has no DMA mask",
	[ODMA_FAIL_SIZE_ZERO]	= "size is 0",
	[ODMA_FAIL_WRAP]	= "the address range wraps around",
	[ODMA_FAIL_RANGE]	= "memory outside the device's dma-ranges",
	[ODMA_FAIL_REACH]	= "beyond the device's reach, and no bounce backend serves it",
	[ODMA_FAIL_VMALLOC]	= "vmalloc memory can't be mapped as one buffer",
	[ODMA_FAIL_P2PDMA]	= "peer-to-peer memory is not supported",
	[ODMA_FAIL_SIZE_HUGE]	= "more than one contiguous allocation can have",
	[ODMA_FAIL_GFP]		= "GFP flags that make no sense for DMA memory",
	[ODMA_FAIL_ATTRS]	= "attributes that make no sense here",
	[ODMA_FAIL_NO_PARMS]	= "the device has no dma_parms to keep that in",
	[ODMA_FAIL_ATOMIC]	= "no uncached memory in stock for atomic context",
	[ODMA_FAIL_MEMORY]	= "no memory in the device's reach",
	[ODMA_FAIL_BOUNCE]	= "no bounce buffer is free",
	[ODMA_FAIL_TOO_LONG]	= "longer than a bounce buffer can be",
	[ODMA_FAIL_IOVA]	= "no address in the device's reach is free",
	[ODMA_FAIL_MASK]	= "longer than all addresses in the device's reach",
	[ODMA_FAIL_TABLES]	= "no memory for the IOMMU's tables",
	[ODMA_FAIL_TAKEN]	= "the IOMMU has something else at its address",
	[ODMA_FAIL_TRANSLATION]	= "memory that its IOMMU can't translate to",
	[ODMA_FAIL_PROVIDER]	= "its IOMMU's driver refuses it",
	[ODMA_FAIL_BOUNDARY]	= "an entry that is longer than the device's segment boundary",
	[ODMA_FAIL_REFUSED]	= "its rule can't be kept, so it gets no DMA",
	[ODMA_FAIL_POOL]	= "no room in the device's pools, and its rule says pool=only",
};

/* Mistakes of the driver's: with more memory or room they would be the same. */
#define ODMA_MISTAKES						\
	(BIT(ODMA_FAIL_DIRECTION) | BIT(ODMA_FAIL_NO_MASK) |	\
	 BIT(ODMA_FAIL_SIZE_ZERO) | BIT(ODMA_FAIL_WRAP) |	\
	 BIT(ODMA_FAIL_VMALLOC) | BIT(ODMA_FAIL_GFP) |		\
	 BIT(ODMA_FAIL_ATTRS))

/* Of whoever asked for silence a mistake is told all the same, but only once */
static bool odma_tell_quiet(struct odma_device *odev, enum odma_failure why)
{
	static unsigned long others;

	return (BIT(why) & ODMA_MISTAKES) &&
	       !test_and_set_bit(why, odev ? &odev->told : &others);
}

static bool odma_tell(struct odma_device *odev, unsigned long attrs,
		      enum odma_failure why)
{
	static DEFINE_RATELIMIT_STATE(others, 5 * HZ, 3);

	if (attrs & DMA_ATTR_NO_WARN)
		return odma_tell_quiet(odev, why);
	return __ratelimit(odev ? &odev->failures : &others);
}

/**
 * odma_map_failed() - report a failure
 * @dev: the device, attached or not
 * @addr: the DMA or physical address in question, 0 where there is none
 * @size: bytes asked for
 * @dir: direction asked for, DMA_NONE where there is none
 * @attrs: DMA_ATTR_NO_WARN keeps the log quiet, but for the first time that
 *	the device's driver makes a mistake of this kind
 * @why: what is wrong
 *
 * The log gets at most a few lines in five seconds for each device.
 *
 * Context: any.
 *
 * Return: DMA_MAPPING_ERROR, for the caller to pass on.
 */
dma_addr_t odma_map_failed(struct device *dev, u64 addr, size_t size,
			   enum dma_data_direction dir, unsigned long attrs,
			   enum odma_failure why)
{
	struct odma_device *odev = odma_device_of(dev);
	const char *reason = odma_reasons[why];
	u64 mask = dev->dma_mask ? *dev->dma_mask : 0;

	trace_odma_failure(dev, addr, size, reason);
	if (odev)
		this_cpu_inc(odev->counters->failures);
	if (odma_tell(odev, attrs, why))
		pr_err("%s: DMA of %#llx+%zu failed: %s (mask %#llx, coherent mask %#llx, bus limit %#llx)\n",
		       dev_name(dev), addr, size, reason, mask,
		       dev->coherent_dma_mask, dev->bus_dma_limit);
	return DMA_MAPPING_ERROR;
}
EXPORT_SYMBOL_GPL(odma_map_failed);

/**
 * odma_why_not_translated() - what an error of an IOMMU's tables is called
 * @error: as an IOMMU provider, or odma_pgtable_map(), returned it
 *
 * Context: any.
 */
enum odma_failure odma_why_not_translated(int error)
{
	switch (error) {
	case -ENOMEM:
		return ODMA_FAIL_TABLES;
	case -EEXIST:
		return ODMA_FAIL_TAKEN;
	case -ERANGE:
		return ODMA_FAIL_TRANSLATION;
	default:
		return ODMA_FAIL_PROVIDER;
	}
}
EXPORT_SYMBOL_GPL(odma_why_not_translated);
