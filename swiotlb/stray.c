// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses that a driver gives back and does not have, and sizes that it gets
 * wrong. Away from the hot path.
 */
#define pr_fmt(fmt) "odma-swiotlb: " fmt

#include "swiotlb.h"

/*
 * Memory that another device has allocated from a pool is mapped where it is by
 * those that reach it, so they may unmap it: nothing is wrong with that.
 */
static bool odma_may_be_in_place(const struct odma_client *client,
				 phys_addr_t phys)
{
	struct odma_area *area = odma_area_at(phys);
	struct odma_bounced *b = area ? odma_bounced_at(area, phys) : NULL;

	return b && READ_ONCE(b->orig) == ODMA_NO_ORIG &&
	       READ_ONCE(b->client) != client;
}

/**
 * odma_report_stray() - a driver gives back what it does not have
 * @odev: its device
 * @client: the device's name on the records, or NULL
 * @phys: what it gave back, in a pool
 * @size: its bytes
 * @allocated: it frees, and does not unmap
 *
 * Said a few times in five seconds for each device.
 *
 * Context: any, in an RCU section.
 */
void odma_report_stray(struct odma_device *odev,
		       const struct odma_client *client, phys_addr_t phys,
		       size_t size, bool allocated)
{
	if (!size || (!allocated && odma_may_be_in_place(client, phys)) ||
	    !__ratelimit(&odev->failures))
		return;
	pr_err("%s: its driver %s %#llx+%#zx, where it has nothing: a second time, or by a wrong address; nothing was touched\n",
	       dev_name(odev->dev), allocated ? "frees" : "unmaps", (u64)phys,
	       size);
}

/**
 * odma_report_cut() - a driver gives back more or less than it has
 * @odev: its device
 * @b: the record, which ends as a whole
 * @size: what the driver said
 *
 * Context: any.
 */
void odma_report_cut(struct odma_device *odev, const struct odma_bounced *b,
		     size_t size)
{
	if (__ratelimit(&odev->failures))
		pr_err("%s: its driver %s %zu bytes where it has %u: a wrong size; all of them were given back\n",
		       dev_name(odev->dev),
		       b->orig == ODMA_NO_ORIG ? "frees" : "unmaps", size,
		       b->size);
}
