// SPDX-License-Identifier: GPL-2.0
/*
 * Which memory may become a pool.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/ctype.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include "pool.h"

/* Does a K, M or G follow? Its power of two. */
static unsigned int odma_parse_unit(const char **text)
{
	static const char units[] = "KMG";
	const char *unit = **text ? strchr(units, toupper(**text)) : NULL;

	if (!unit)
		return 0;
	(*text)++;
	return 10 * (unit - units + 1);
}

/*
 * Not memparse(): that takes anything for a number, even nothing, and of what
 * 64 bits don't hold it keeps the rest.
 */
static bool odma_parse_number(const char **text, u64 *number)
{
	size_t len = strspn(*text, "0123456789abcdefABCDEFxX");
	char digits[24];

	if (!isdigit(**text) || len >= sizeof(digits))
		return false;
	strscpy(digits, *text, len + 1);
	if (kstrtou64(digits, 0, number))
		return false;
	*text += len;
	return !check_shl_overflow(*number, odma_parse_unit(text), number);
}

/**
 * odma_parse_range() - read what a rule says of a pool
 * @text: "<phys>+<size>[@<device address>]"; K, M and G may follow a number
 * @range: filled in
 *
 * Return: 0, or -EINVAL where @text is anything else.
 */
int odma_parse_range(const char *text, struct odma_pool_range *range)
{
	u64 phys, device = ODMA_POOL_DERIVE;

	if (!odma_parse_number(&text, &phys) || *text++ != '+' ||
	    !odma_parse_number(&text, &range->size))
		return -EINVAL;
	if (*text == '@') {
		text++;
		if (!odma_parse_number(&text, &device) ||
		    device == ODMA_POOL_DERIVE)
			return -EINVAL;
	}
	range->phys = phys;
	range->device = device;
	range->rmem = NULL;
	return *text || range->phys != phys || range->device != device ?
		-EINVAL : 0;
}

/* Not every architecture sets the end of the resource tree to what it has. */
static u64 odma_last_physical(void)
{
#ifdef PHYS_MASK
	return min_t(u64, iomem_resource.end, PHYS_MASK);
#else
	return iomem_resource.end;
#endif
}

/* What is wrong with the numbers alone; NULL where nothing is. */
static const char *odma_bad_numbers(const struct odma_pool_range *range)
{
	if (!range->size)
		return "its size is 0";
	if (!PAGE_ALIGNED(range->phys) || !PAGE_ALIGNED(range->size))
		return "it is not page aligned";
	if (range->phys + range->size - 1 < range->phys)
		return "it wraps around";
	if (range->phys + range->size - 1 > odma_last_physical())
		return "it is beyond the machine's physical addresses";
	/* The records of its pages are an array, and no array is larger. */
	if (range->size > SIZE_MAX ||
	    PHYS_PFN(range->size) > INT_MAX / sizeof(struct odma_pool_block))
		return "it is too large (with 4 KiB pages, 512G is the most)";
	if (range->device == ODMA_POOL_DERIVE)
		return NULL;
	if (!PAGE_ALIGNED(range->device))
		return "its device address is not page aligned";
	if (range->device + range->size - 1 < range->device ||
	    range->device + range->size - 1 == DMA_MAPPING_ERROR)
		return "its device addresses wrap around";
	return NULL;
}

static struct odma_pool *odma_overlapping(const struct odma_pool_range *range)
{
	struct odma_pool *pool;

	list_for_each_entry(pool, &odma_pools, node)
		if (range->phys <= pool->range.phys + pool->range.size - 1 &&
		    pool->range.phys <= range->phys + range->size - 1)
			return pool;
	return NULL;
}

static bool odma_is_ram(const struct odma_pool_range *range)
{
	return region_intersects(range->phys, range->size,
				 IORESOURCE_SYSTEM_RAM,
				 IORES_DESC_NONE) != REGION_DISJOINT;
}

/**
 * odma_check_range() - may this memory become a pool?
 * @range: the memory
 * @name: whose pool, for the message
 *
 * Context: process context, odma_mutex held.
 *
 * Return: 0; -EINVAL where the numbers make no sense, -EBUSY where the memory
 * is in use. Each error is also one line in the log.
 */
int odma_check_range(const struct odma_pool_range *range, const char *name)
{
	const char *why = odma_bad_numbers(range);
	struct odma_pool *other;

	if (why) {
		pr_err("no pool %#llx+%#llx for %s: %s\n", (u64)range->phys,
		       range->size, name, why);
		return -EINVAL;
	}
	other = odma_overlapping(range);
	if (other) {
		pr_err("no pool %#llx+%#llx for %s: it overlaps the pool %#llx+%#llx of %s\n",
		       (u64)range->phys, range->size, name,
		       (u64)other->range.phys, other->range.size, other->name);
		return -EBUSY;
	}
	if (odma_is_ram(range)) {
		pr_err("no pool %#llx+%#llx for %s: it is ordinary RAM in use (keep it aside at boot: memmap=<size>$<phys>, or a reserved-memory node with no-map)\n",
		       (u64)range->phys, range->size, name);
		return -EBUSY;
	}
	return 0;
}
