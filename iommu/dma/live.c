// SPDX-License-Identifier: GPL-2.0
/*
 * What is mapped now, found where it is: nobody counts on the way of a mapping.
 *
 * An address of the allocator's that leads nowhere is no mapping: it is kept
 * ready on a CPU, or waits for its invalidation. One that leads somewhere has
 * an owner, and stays his until he unmaps it.
 *
 * Devices that share a domain have their mappings in one space, and nothing
 * tells whose is which. So what is there counts for each of them: one whose
 * driver is gone stays attached while a peer has something mapped, which does
 * no harm, as its own late unmaps may be yet to come, and must come here.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include <linux/sched.h>
#include "iommu.h"

/* With odma_iommu_mutex held. */
static bool odma_is_last(const struct odma_translated *t)
{
	return list_is_singular(&t->domain->devices);
}

static bool odma_is_mapped(struct odma_domain *d, u64 iova)
{
	return odma_domain_phys(d, iova) != PHYS_ADDR_MAX;
}

/* Copies are counted one by one, and by whose they are. */
static bool odma_is_shadow(const struct odma_domain *d, u64 iova)
{
	const struct odma_translated *t;

	list_for_each_entry(t, &d->devices, node)
		if (t->shadow && odma_shadow_has(t->shadow, iova))
			return true;
	return false;
}

/* The next bytes from @iova on that are all mapped, or all not. */
static u64 odma_mapped_run(struct odma_domain *d, u64 iova, u64 end,
			   bool mapped)
{
	u64 at = iova;

	while (at < end && odma_is_mapped(d, at) == mapped) {
		at += d->granule;
		if (!(at & (SZ_4M - 1)))
			cond_resched();
	}
	return at - iova;
}

/* A list may have holes, and the allocator gives more than was asked for. */
static void odma_count_mapping(struct odma_domain *d, u64 iova, u64 size,
			       void *data)
{
	struct odma_leftovers *left = data;
	u64 at = iova, end = iova + size, run;

	if (odma_is_shadow(d, iova) || !odma_is_mapped(d, iova))
		return;
	left->mappings++;
	while (at < end) {
		run = odma_mapped_run(d, at, end, true);
		left->bytes += run;
		at += run;
		at += odma_mapped_run(d, at, end, false);
	}
}

/**
 * odma_iommu_live() - struct odma_backend's live
 * @odev: the device
 * @left: added to. What was allocated is mapped like everything else, and a
 *	bounce buffer of what is not trusted is behind an address that counts.
 *
 * Late unmaps may run meanwhile, and count or not. The kernel's IOMMU drivers
 * ask of a look-up that nobody unmaps the same: one that comes upon a table
 * that is being freed, as an unmap of 2 MiB and more does it, reads memory that
 * may be another's by then, and may say of that one mapping what it likes.
 *
 * Context: process context, may sleep.
 */
void odma_iommu_live(struct odma_device *odev, struct odma_leftovers *left)
{
	struct odma_translated *t = odev->priv;
	struct odma_domain *d = t->domain;

	mutex_lock(&odma_iommu_mutex);
	if (d->lazy)
		odma_lazy_drain(d->lazy);
	odma_iova_for_each(d, odma_count_mapping, left);
	mutex_unlock(&odma_iommu_mutex);
	if (t->shadow)
		odma_shadow_live(t, left);
}

/* More lines than these help nobody, and could be thousands. */
#define ODMA_EMPTYING_LINES	8

struct odma_emptying {
	struct odma_iommu_gather gather;
	const char *device;
	unsigned int lines;
};

static void odma_say_emptied(struct odma_emptying *e, u64 iova, u64 size)
{
	if (e->lines++ < ODMA_EMPTYING_LINES)
		pr_warn("%s: out of its reach now: %#llx+%#llx\n", e->device,
			iova, size);
}

static void odma_unmap_mapping(struct odma_domain *d, u64 iova, u64 size,
			       void *data)
{
	struct odma_emptying *e = data;
	u64 at = iova, end = iova + size, run;

	while (at < end) {
		at += odma_mapped_run(d, at, end, false);
		run = odma_mapped_run(d, at, end, true);
		if (run) {
			odma_domain_unmap(d, at, run, &e->gather);
			odma_say_emptied(e, at, run);
		}
		at += run;
	}
}

/**
 * odma_empty_domain() - put what a device's drivers left out of its reach
 * @t: the device, which has no shadows any more
 *
 * The addresses stay taken, and no memory is freed. Where other devices of its
 * group have mappings in the domain nothing can be done, and the log says so.
 *
 * Context: process context, odma_iommu_mutex held.
 */
void odma_empty_domain(struct odma_translated *t)
{
	struct odma_domain *d = t->domain;
	struct odma_emptying e = { .device = dev_name(t->odev->dev) };

	lockdep_assert_held(&odma_iommu_mutex);
	if (!odma_is_last(t)) {
		pr_warn("%s: what it left mapped stays in reach of its group until the last device of that is detached\n",
			dev_name(t->odev->dev));
		return;
	}
	if (d->lazy)
		odma_lazy_drain(d->lazy);
	odma_iommu_gather_init(&e.gather);
	odma_iova_for_each(d, odma_unmap_mapping, &e);
	odma_domain_flush_all(d, &e.gather);
	if (e.lines > ODMA_EMPTYING_LINES)
		pr_warn("%s: ... and %u more\n", e.device,
			e.lines - ODMA_EMPTYING_LINES);
}
