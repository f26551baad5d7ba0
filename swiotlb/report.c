// SPDX-License-Identifier: GPL-2.0
/*
 * What the pools have, who holds it, and why a mapping failed.
 */
#define pr_fmt(fmt) "odma-swiotlb: " fmt

#include <linux/debugfs.h>
#include <linux/dma-mapping.h>
#include <linux/seq_file.h>
#include "../direct/direct.h"
#include "swiotlb.h"

/* How many holders are named. */
#define ODMA_TOP	3

/* What the message and the table say of a pool. */
struct odma_fill {
	unsigned int largest;
	unsigned int areas;
};

static void odma_look_at(struct odma_area *area, struct odma_fill *state)
{
	unsigned long flags;

	spin_lock_irqsave(&area->lock, flags);
	state->largest = max(state->largest, odma_slots_largest(&area->slots));
	spin_unlock_irqrestore(&area->lock, flags);
	state->areas++;
}

static void odma_look_at_pool(struct odma_bounce_pool *pool,
			      struct odma_fill *state)
{
	struct odma_area_list *list;
	unsigned int i;

	memset(state, 0, sizeof(*state));
	rcu_read_lock();
	list = rcu_dereference(pool->areas);
	for (i = 0; list && i < list->count; i++)
		odma_look_at(list->area[i], state);
	rcu_read_unlock();
}

/*
 * A word at a time, so that interrupts are off for a short while only. What is
 * being mapped, or unmapped, has no name.
 */
static void odma_hold_word(struct odma_area *area, unsigned int word)
{
	unsigned long flags;
	u64 starts;

	spin_lock_irqsave(&area->lock, flags);
	for (starts = area->slots.starts[word]; starts; starts &= starts - 1) {
		const struct odma_bounced *b =
			&area->map[word * ODMA_WORD_SLOTS + __ffs64(starts)];

		if (b->client)
			b->client->held += b->count;
	}
	spin_unlock_irqrestore(&area->lock, flags);
}

static void odma_hold_areas(struct odma_bounce_pool *pool)
{
	struct odma_area_list *list;
	unsigned int i, word;

	rcu_read_lock();
	list = rcu_dereference(pool->areas);
	for (i = 0; list && i < list->count; i++)
		for (word = 0; word < list->area[i]->slots.words; word++)
			odma_hold_word(list->area[i], word);
	rcu_read_unlock();
}

/* Slots, for people. */
static unsigned long odma_kib(unsigned long slots)
{
	return slots << ODMA_SLOT_SHIFT >> 10;
}

/*
 * "; most is held by <device> (<driver>) <bytes>, ..."; nothing where another
 * line is in the making.
 */
static void odma_name_holders(struct odma_bounce_pool *pool, char *text,
			      size_t size)
{
	const struct odma_client *top;
	unsigned int i, len = 0;
	u64 slots;

	text[0] = '\0';
	if (!odma_begin_holdings())
		return;
	odma_hold_areas(pool);
	for (i = 0; i < ODMA_TOP && (top = odma_next_holder(&slots)); i++)
		len += scnprintf(text + len, size - len, "%s%s (%s) %llu",
				 i ? ", " : "; most is held by ", top->device,
				 top->driver, slots << ODMA_SLOT_SHIFT);
	odma_end_holdings();
}

/* ", its share <used> of <bytes>": of a pool that it does not have alone. */
static void odma_name_share(const struct odma_bounce_pool *pool,
			    const struct odma_client *client, char *text,
			    size_t size)
{
	unsigned long share = client ? odma_share_of(pool, client) : ULONG_MAX;

	text[0] = '\0';
	if (share != ULONG_MAX)
		scnprintf(text, size, ", its share %lu of %lu",
			  atomic_long_read(&client->used) << ODMA_SLOT_SHIFT,
			  share << ODMA_SLOT_SHIFT);
}

static void odma_print_exhausted(struct odma_bounce_pool *pool,
				 const struct odma_client *client,
				 struct device *dev, size_t size)
{
	struct odma_fill state;
	char holders[256];
	char share[64];

	odma_look_at_pool(pool, &state);
	odma_name_holders(pool, holders, sizeof(holders));
	odma_name_share(pool, client, share, sizeof(share));
	pr_err("%s: no bounce buffer for %zu bytes in the %s pool: largest free run %u, used %lu of %lu, limit %zu%s%s\n",
	       dev_name(dev), size, pool->name,
	       state.largest << ODMA_SLOT_SHIFT,
	       atomic_long_read(&pool->used) << ODMA_SLOT_SHIFT,
	       atomic_long_read(&pool->bytes), pool->limit, share, holders);
}

/* However empty the pool is, and however large it grows. */
static bool odma_is_too_long(const struct odma_bounce_pool *pool,
			     struct device *dev, phys_addr_t phys, size_t size)
{
	const struct odma_device *odev = odma_device_of(dev);
	size_t most = min_t(size_t, ODMA_AREA_MAX, pool->limit);

	if (!size || phys + size - 1 < phys)
		return false;
	/* Where it is translated, boundaries are for who does that. */
	return size > most || (!odev->backend->translates &&
			       size - 1 > dma_get_seg_boundary(dev));
}

static bool odma_pool_serves(struct odma_bounce_pool *pool, struct device *dev)
{
	return odma_is_translated(dev) ||
	       odma_pool_reaches(pool, dev, odma_direct_limit(dev));
}

/**
 * odma_report_exhausted() - say why a buffer could not bounce
 * @pool: its device's pool; NULL where the device reaches none
 * @client: the device's name on the records, or NULL where it has none
 * @dev: the device
 * @phys: the buffer
 * @size: its bytes
 * @attrs: DMA_ATTR_NO_WARN keeps the log quiet
 *
 * The log gets at most a few lines in five seconds for each device.
 *
 * Context: any.
 */
void odma_report_exhausted(struct odma_bounce_pool *pool,
			   const struct odma_client *client, struct device *dev,
			   phys_addr_t phys, size_t size, unsigned long attrs)
{
	struct odma_device *odev = odma_device_of(dev);

	if (pool && odma_is_too_long(pool, dev, phys, size)) {
		odma_map_failed(dev, phys, size, DMA_NONE, attrs,
				ODMA_FAIL_TOO_LONG);
		return;
	}
	if (!size || phys + size - 1 < phys) {
		odma_map_failed(dev, phys, size, DMA_NONE, attrs,
				size ? ODMA_FAIL_WRAP : ODMA_FAIL_SIZE_ZERO);
		return;
	}
	odma_map_failed(dev, phys, size, DMA_NONE, attrs | DMA_ATTR_NO_WARN,
			ODMA_FAIL_BOUNCE);
	if ((attrs & DMA_ATTR_NO_WARN) || !__ratelimit(&odev->failures))
		return;
	if (pool && odma_pool_serves(pool, dev))
		odma_print_exhausted(pool, client, dev, size);
	else if (pool)
		pr_err("%s: no bounce buffer for %zu bytes: its mask %#llx, behind its bus, reaches nothing of the %s pool\n",
		       dev_name(dev), size, *dev->dma_mask, pool->name);
	else
		pr_err("%s: no bounce buffer for %zu bytes: its mask %#llx reaches no pool\n",
		       dev_name(dev), size, *dev->dma_mask);
}

static void odma_show_pool(struct seq_file *m, struct odma_bounce_pool *pool)
{
	struct odma_fill state;
	unsigned int i;

	odma_look_at_pool(pool, &state);
	seq_printf(m, "%-14s %8lu %8zu %8lu %10lu %8lu %6u %9lu", pool->name,
		   atomic_long_read(&pool->bytes) >> 10, pool->limit >> 10,
		   odma_kib(atomic_long_read(&pool->used)),
		   odma_kib(atomic_long_read(&pool->high_water)),
		   odma_kib(state.largest), state.areas,
		   atomic_long_read(&pool->at_once));
	for (i = 0; i < ODMA_BOUNCE_FAILURES; i++)
		seq_printf(m, " %9lu", atomic_long_read(&pool->failures[i]));
	seq_putc(m, '\n');
}

static int swiotlb_show(struct seq_file *m, void *unused)
{
	struct odma_bounce_pool *pool;

	seq_printf(m, "%-14s %8s %8s %8s %10s %8s %6s %9s %9s %9s %9s %9s %9s %9s\n",
		   "pool", "KiB", "limit", "used", "high water", "largest",
		   "areas", "at once", "full", "growing", "too large",
		   "align", "reach", "share");
	mutex_lock(&odma_bounce_mutex);
	list_for_each_entry(pool, &odma_bounce_pools, node)
		odma_show_pool(m, pool);
	mutex_unlock(&odma_bounce_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(swiotlb);

static void odma_show_areas(struct seq_file *m, struct odma_bounce_pool *pool)
{
	struct odma_area_list *list;
	unsigned int i;

	rcu_read_lock();
	list = rcu_dereference(pool->areas);
	for (i = 0; list && i < list->count; i++)
		seq_printf(m, "%-14s %#-14llx %8zu %8lu %10lu %4d\n",
			   pool->name, (u64)list->area[i]->begin,
			   list->area[i]->bytes >> 10,
			   odma_kib(READ_ONCE(list->area[i]->slots.used)),
			   odma_kib(READ_ONCE(list->area[i]->high_water)),
			   list->area[i]->nid);
	rcu_read_unlock();
}

static int swiotlb_areas_show(struct seq_file *m, void *unused)
{
	struct odma_bounce_pool *pool;

	seq_printf(m, "%-14s %-14s %8s %8s %10s %4s\n", "pool", "address",
		   "KiB", "used", "high water", "node");
	mutex_lock(&odma_bounce_mutex);
	list_for_each_entry(pool, &odma_bounce_pools, node)
		odma_show_areas(m, pool);
	mutex_unlock(&odma_bounce_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(swiotlb_areas);

static struct dentry *odma_swiotlb_files[2];

/* Beside odma.ko's own files; without debugfs all else works. */
void odma_swiotlb_debugfs_init(void)
{
	struct dentry *dir = debugfs_lookup("odma", NULL);

	if (!dir)
		return;
	odma_swiotlb_files[0] = debugfs_create_file("swiotlb", 0400, dir, NULL,
						    &swiotlb_fops);
	odma_swiotlb_files[1] = debugfs_create_file("swiotlb-areas", 0400, dir,
						    NULL, &swiotlb_areas_fops);
	dput(dir);
}

void odma_swiotlb_debugfs_exit(void)
{
	debugfs_remove(odma_swiotlb_files[0]);
	debugfs_remove(odma_swiotlb_files[1]);
}
