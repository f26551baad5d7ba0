// SPDX-License-Identifier: GPL-2.0
/*
 * Which bounce buffers a device has now, and what becomes of them if it has to
 * go without them.
 *
 * What has no memory of the driver's behind it was allocated: who allocates for
 * drivers counts that.
 */
#define pr_fmt(fmt) "odma-swiotlb: " fmt

#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include "swiotlb.h"

/* More lines than these help nobody, and could be thousands. */
#define ODMA_HOLDING_LINES	8

/*
 * struct odma_holding - what was found of one device
 * @sum: how much it is
 * @list: say what it is, in the log
 * @listed: how much of it was said, or would have been
 */
struct odma_holding {
	struct odma_leftovers sum;
	bool list;
	unsigned int listed;
};

static void odma_list_bounced(const struct odma_bounced *b)
{
	if (b->orig == ODMA_NO_ORIG)
		pr_warn("%s: stays taken: %zu bytes that it allocated\n",
			b->client->device, (size_t)b->size);
	else
		pr_warn("%s: stays taken: a copy of %#llx+%#zx\n",
			b->client->device, (u64)b->orig, (size_t)b->size);
}

static void odma_count_bounced(const struct odma_bounced *b,
			       const struct odma_client *client,
			       struct odma_holding *held)
{
	if (READ_ONCE(b->client) != client)
		return;
	if (held->list && held->listed++ < ODMA_HOLDING_LINES)
		odma_list_bounced(b);
	if (b->orig == ODMA_NO_ORIG) {
		held->sum.allocations++;
		held->sum.allocated += b->size;
	} else {
		held->sum.mappings++;
		held->sum.bytes += b->size;
	}
}

/* A word at a time, so that interrupts are off for a short while only. */
static void odma_count_word(struct odma_area *area, unsigned int word,
			    const struct odma_client *client,
			    struct odma_holding *held)
{
	unsigned long flags;
	u64 starts;

	spin_lock_irqsave(&area->lock, flags);
	for (starts = area->slots.starts[word]; starts; starts &= starts - 1)
		odma_count_bounced(&area->map[word * ODMA_WORD_SLOTS +
					      __ffs64(starts)], client, held);
	spin_unlock_irqrestore(&area->lock, flags);
}

static void odma_count_pool(struct odma_bounce_pool *pool,
			    const struct odma_client *client,
			    struct odma_holding *held)
{
	struct odma_area_list *list;
	unsigned int i, word;

	rcu_read_lock();
	list = rcu_dereference(pool->areas);
	for (i = 0; list && i < list->count; i++)
		for (word = 0; word < list->area[i]->slots.words; word++)
			odma_count_word(list->area[i], word, client, held);
	rcu_read_unlock();
}

/* In all pools: with another mask it may have had another one. */
static void odma_count_held(const struct odma_client *client,
			    struct odma_holding *held)
{
	struct odma_bounce_pool *pool;

	mutex_lock(&odma_bounce_mutex);
	list_for_each_entry(pool, &odma_bounce_pools, node) {
		odma_count_pool(pool, client, held);
		cond_resched();
	}
	mutex_unlock(&odma_bounce_mutex);
}

/**
 * odma_count_live() - the bounce buffers that a device has mapped
 * @client: the device
 * @left: added to
 *
 * Context: process context, may sleep; odma_mutex may be held.
 */
void odma_count_live(const struct odma_client *client,
		     struct odma_leftovers *left)
{
	struct odma_holding held = { };

	odma_count_held(client, &held);
	left->mappings += held.sum.mappings;
	left->bytes += held.sum.bytes;
}

/**
 * odma_abandon_client() - leave a device's bounce buffers taken for good
 * @client: the device
 *
 * Its own functions are away from it, so nobody gives them back; and it may
 * still write there. This module stays for them: an unmap that has begun may
 * be about to copy.
 *
 * Context: process context, may sleep.
 *
 * Return: false where it has none, mapped or allocated.
 */
bool odma_abandon_client(struct odma_client *client)
{
	struct odma_holding held = { .list = true };

	odma_count_held(client, &held);
	if (!held.listed)
		return false;
	odma_disown(client);
	__module_get(THIS_MODULE);
	pr_warn("%s: %llu bounce buffers of %llu bytes and %llu allocations of %llu bytes stay taken for good, and this module stays loaded\n",
		client->device, held.sum.mappings, held.sum.bytes,
		held.sum.allocations, held.sum.allocated);
	return true;
}
