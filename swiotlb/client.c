// SPDX-License-Identifier: GPL-2.0
/*
 * Who bounces, and a buffer of theirs on its way.
 */
#define pr_fmt(fmt) "odma-swiotlb: " fmt

#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include "../direct/direct.h"
#include "swiotlb.h"

static LIST_HEAD(odma_clients);
static DEFINE_SPINLOCK(odma_clients_lock);

static struct odma_client *odma_find_client(const char *device)
{
	struct odma_client *client;

	list_for_each_entry(client, &odma_clients, node)
		if (!strncmp(client->device, device,
			     sizeof(client->device) - 1))
			return client;
	return NULL;
}

/**
 * odma_get_client() - the name of a device on the records
 * @dev: the device
 * @gfp: GFP_KERNEL or GFP_ATOMIC
 *
 * The same one each time that the device comes back, and never freed before
 * the module goes: a mapping that a driver left behind still has it.
 *
 * Return: the client, or NULL where there is no memory for one.
 */
struct odma_client *odma_get_client(struct device *dev, gfp_t gfp)
{
	struct odma_client *new = kzalloc(sizeof(*new), gfp), *client;
	unsigned long flags;

	spin_lock_irqsave(&odma_clients_lock, flags);
	client = odma_find_client(dev_name(dev));
	if (!client && new) {
		strscpy(new->device, dev_name(dev), sizeof(new->device));
		list_add_tail(&new->node, &odma_clients);
		client = new;
		new = NULL;
	}
	if (client)
		strscpy(client->driver, dev->driver ? dev->driver->name : "-",
			sizeof(client->driver));
	spin_unlock_irqrestore(&odma_clients_lock, flags);
	kfree(new);
	return client;
}

void odma_clients_exit(void)
{
	struct odma_client *client, *next;

	list_for_each_entry_safe(client, next, &odma_clients, node)
		kfree(client);
}

/**
 * odma_bounce_for() - a bounce buffer for a device's buffer
 * @pool: where from; NULL where the device reaches none
 * @client: its name on the records
 * @dev: the device
 * @phys: the driver's memory
 * @size: bytes
 * @granule: what the slots must be a multiple of, or 0
 * @attrs: DMA_ATTR_NO_WARN keeps the log quiet
 *
 * Context: any.
 *
 * Return: the bounce buffer's physical address; PHYS_ADDR_MAX, having said why.
 */
phys_addr_t odma_bounce_for(struct odma_bounce_pool *pool,
			    struct odma_client *client, struct device *dev,
			    phys_addr_t phys, size_t size,
			    unsigned int granule, unsigned long attrs)
{
	struct odma_bounce_request req = {
		.orig = phys,
		.size = size,
		.align = dma_get_min_align_mask(dev),
		.granule = granule,
		.boundary = dma_get_seg_boundary(dev),
	};
	phys_addr_t slot = PHYS_ADDR_MAX;

	if (likely(pool && client && size && phys + size - 1 >= phys))
		slot = odma_bounce_map(pool, dev, &req, client);
	if (unlikely(slot == PHYS_ADDR_MAX))
		odma_report_exhausted(pool, dev, phys, size, attrs);
	return slot;
}
