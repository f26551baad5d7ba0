// SPDX-License-Identifier: GPL-2.0
/*
 * Who bounces, and a buffer of theirs on its way.
 */
#define pr_fmt(fmt) "odma-swiotlb: " fmt

#include <linux/dma-mapping.h>
#include <linux/rculist.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "../direct/direct.h"
#include "swiotlb.h"

/* Only added to, so it is read without the lock. */
static LIST_HEAD(odma_clients);
static DEFINE_SPINLOCK(odma_clients_lock);

/* Somebody counts what each of them holds. */
static unsigned long odma_counting;

static struct odma_client *odma_find_client(const struct device *dev)
{
	const char *bus = dev_bus_name(dev);
	struct odma_client *client;

	list_for_each_entry(client, &odma_clients, node)
		if (!client->gone && !strcmp(client->device, dev_name(dev)) &&
		    !strncmp(client->bus, bus, sizeof(client->bus) - 1))
			return client;
	return NULL;
}

/* What the rule says the device may have of shared pools: slots, or 0. */
static unsigned long odma_own_share(struct device *dev)
{
	const struct odma_device *odev = odma_device_of(dev);
	unsigned int kib = 0;

	if (odev)
		odma_option_number(odev, "limit_kib", &kib);
	return round_up((size_t)kib * SZ_1K, ODMA_WORD_BYTES) >>
	       ODMA_SLOT_SHIFT;
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
	size_t name = strlen(dev_name(dev)) + 1;
	struct odma_client *new, *client;
	unsigned long flags;

	new = kzalloc(struct_size(new, device, name), gfp);
	spin_lock_irqsave(&odma_clients_lock, flags);
	client = odma_find_client(dev);
	if (!client && new) {
		strscpy(new->device, dev_name(dev), name);
		strscpy(new->bus, dev_bus_name(dev), sizeof(new->bus));
		list_add_tail_rcu(&new->node, &odma_clients);
		client = new;
		new = NULL;
	}
	if (client)
		client->share = odma_own_share(dev);
	if (client)
		strscpy(client->driver, dev->driver ? dev->driver->name : "-",
			sizeof(client->driver));
	spin_unlock_irqrestore(&odma_clients_lock, flags);
	kfree(new);
	return client;
}

/**
 * odma_disown() - a client's name is for another one from now on
 * @client: the client; it stays on the records of what it holds
 *
 * Context: any.
 */
void odma_disown(struct odma_client *client)
{
	unsigned long flags;

	spin_lock_irqsave(&odma_clients_lock, flags);
	client->gone = true;
	spin_unlock_irqrestore(&odma_clients_lock, flags);
}

void odma_clients_exit(void)
{
	struct odma_client *client, *next;

	list_for_each_entry_safe(client, next, &odma_clients, node)
		kfree(client);
}

/**
 * odma_begin_holdings() - count what each client holds, from 0
 *
 * One at a time, in any context: so the numbers can be kept with the clients,
 * however many there are.
 *
 * Return: false where somebody else counts. If not, odma_end_holdings() must be
 * called.
 */
bool odma_begin_holdings(void)
{
	struct odma_client *client;

	if (test_and_set_bit_lock(0, &odma_counting))
		return false;
	rcu_read_lock();
	list_for_each_entry_rcu(client, &odma_clients, node)
		client->held = 0;
	rcu_read_unlock();
	return true;
}

/**
 * odma_next_holder() - who holds the most, of those that were not named yet
 * @slots: set to how many that is
 *
 * Return: the client, or NULL where no other one holds anything.
 */
const struct odma_client *odma_next_holder(u64 *slots)
{
	struct odma_client *client, *top = NULL;

	rcu_read_lock();
	list_for_each_entry_rcu(client, &odma_clients, node)
		if (client->held > (top ? top->held : 0))
			top = client;
	rcu_read_unlock();
	if (!top)
		return NULL;
	*slots = top->held;
	top->held = 0;
	return top;
}

void odma_end_holdings(void)
{
	clear_bit_unlock(0, &odma_counting);
}

/**
 * odma_bounce_for() - a bounce buffer for a device's buffer
 * @pool: where from; NULL where the device reaches none
 * @client: its name on the records
 * @dev: the device
 * @phys: the driver's memory
 * @size: bytes
 * @granule: see struct odma_bounce_request
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
		.client = client,
		.orig = phys,
		.size = size,
		.limit = odma_direct_limit(dev),
		.align = dma_get_min_align_mask(dev),
		.granule = granule,
		.boundary = dma_get_seg_boundary(dev),
	};
	phys_addr_t slot = PHYS_ADDR_MAX;

	/* Beyond the page, what translates it chooses the address. */
	if (granule) {
		req.align &= granule - 1;
		req.boundary = ULONG_MAX;
	}
	if (likely(pool && client && size && phys + size - 1 >= phys))
		slot = odma_bounce_map(pool, dev, &req);
	if (unlikely(slot == PHYS_ADDR_MAX))
		odma_report_exhausted(pool, client, dev, phys, size, attrs);
	return slot;
}
