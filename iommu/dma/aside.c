// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses that are found in use where they should be free: what a driver has
 * unmapped with too small a size leads somewhere still. To notice that when it
 * happens would take a look-up in every unmap. Here it costs nothing before a
 * mapping meets one, and then that gets another address.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include "iommu.h"

/* The next bytes from @at on that lead somewhere, or lead nowhere. */
static size_t odma_aside_run(struct odma_domain *d, u64 iova, size_t at,
			     size_t size, bool mapped)
{
	size_t end = at;

	while (end < size &&
	       (odma_domain_phys(d, iova + end) != PHYS_ADDR_MAX) == mapped)
		end += d->granule;
	return end - at;
}

/*
 * From now on it is what it always was: a mapping. The addresses around it are
 * free. They go to the tree at once, as those that CPUs keep ready are of the
 * size that was asked for.
 */
static bool odma_keep_leftover(struct odma_domain *d, u64 iova, size_t at,
			       size_t run)
{
	unsigned int shift = __ffs(d->granule);
	u64 first = (iova + at) >> shift;

	free_iova(&d->iovad, iova >> shift);
	return reserve_iova(&d->iovad, first, first + (run >> shift) - 1);
}

/**
 * odma_set_aside() - a mapping failed: may another address do?
 * @t: the device
 * @iova: where it should have been; given back
 * @size: bytes, as they were allocated
 * @error: what the tables said
 *
 * Each time at least one address is set aside for good, so this ends.
 *
 * Context: any.
 *
 * Return: true where something was in the way, which is not any more.
 */
bool odma_set_aside(struct odma_translated *t, u64 iova, size_t size, int error)
{
	struct odma_domain *d = t->domain;
	phys_addr_t phys;
	size_t at, run;

	at = error == -EEXIST ? odma_aside_run(d, iova, 0, size, false) : size;
	if (at == size) {
		odma_iova_free(d, iova, size);
		return false;
	}
	phys = odma_domain_phys(d, iova + at);
	run = odma_aside_run(d, iova, at, size, true);
	/* Another CPU may have undone it in between: then it is free. */
	if (run && !odma_keep_leftover(d, iova, at, run))
		return false;
	if (!run)
		odma_iova_free(d, iova, size);
	else if (__ratelimit(&t->odev->failures))
		pr_err("%s: %#llx+%#zx is set aside: it was given back, and leads to %#llx still (unmapped with too small a size?)\n",
		       dev_name(t->odev->dev), iova + at, run, (u64)phys);
	return true;
}
