// SPDX-License-Identifier: GPL-2.0
/*
 * The pools that devices share: one below 4 GiB, and one for each smaller reach
 * that a device has asked for.
 */
#define pr_fmt(fmt) "odma-swiotlb: " fmt

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "../direct/direct.h"
#include "swiotlb.h"

static unsigned int pool_kib;
module_param(pool_kib, uint, 0444);
MODULE_PARM_DESC(pool_kib, "KiB below 4 GiB, allocated at load (default: 4096 for each of up to four CPUs)");

static unsigned int limit_kib = 64 * 1024;
module_param(limit_kib, uint, 0444);
MODULE_PARM_DESC(limit_kib, "KiB that each shared pool may grow to");

static unsigned int share_kib;
module_param(share_kib, uint, 0444);
MODULE_PARM_DESC(share_kib, "KiB of each shared pool that one device may have (default: half of limit_kib)");

/* A device of fewer bits has a pool of this at first. */
#define ODMA_LOW_POOL		SZ_1M

#define ODMA_MIN_BITS		24
#define ODMA_MAX_BITS		32

LIST_HEAD(odma_bounce_pools);
/* Guards the list of pools, and the making of them. */
DEFINE_MUTEX(odma_bounce_mutex);

/* At the index of the address bits; entries are only ever added. */
static struct odma_bounce_pool *odma_pool_of_bits[ODMA_MAX_BITS + 1];

/* The address bits that all of [0, 2^bits) is in reach with. */
static unsigned int odma_bits(struct device *dev, u64 mask)
{
	u64 limit = min_not_zero(mask, dev->bus_dma_limit);
	phys_addr_t last = dma_to_phys(dev, limit);

	return min(last == PHYS_ADDR_MAX ? 64 : fls64((u64)last + 1) - 1,
		   ODMA_MAX_BITS);
}

/**
 * odma_pool_below() - the shared pool that a device reaches
 * @dev: the device
 * @mask: its mask
 *
 * Context: any.
 *
 * Return: the one with the largest reach that fits, or NULL.
 */
struct odma_bounce_pool *odma_pool_below(struct device *dev, u64 mask)
{
	int bits = odma_bits(dev, mask);
	struct odma_bounce_pool *pool;

	for (; bits >= ODMA_MIN_BITS; bits--) {
		pool = READ_ONCE(odma_pool_of_bits[bits]);
		if (pool)
			return pool;
	}
	return NULL;
}

/* The shared pool for those that reach all memory. */
struct odma_bounce_pool *odma_largest_pool(void)
{
	return READ_ONCE(odma_pool_of_bits[ODMA_MAX_BITS]);
}

static int odma_make_pool(unsigned int bits, size_t initial)
{
	struct odma_bounce_pool *pool;
	char name[16];

	snprintf(name, sizeof(name), "%u-bit", bits);
	pool = odma_new_bounce_pool(name, DMA_BIT_MASK(bits), initial,
				    (size_t)limit_kib * SZ_1K, NUMA_NO_NODE);
	if (!pool) {
		pr_err("no memory for a pool below %u address bits\n", bits);
		return -ENOMEM;
	}
	pool->share = (share_kib ? (size_t)share_kib * SZ_1K :
				   pool->limit / 2) >> ODMA_SLOT_SHIFT;
	list_add_tail(&pool->node, &odma_bounce_pools);
	odma_add_pool_files(pool);
	/* odma_pool_below() may be looking: a pool is complete before it. */
	smp_store_release(&odma_pool_of_bits[bits], pool);
	return 0;
}

/**
 * odma_prepare_pool() - have a pool that a device with this mask reaches
 * @dev: the device
 * @mask: the mask that it is about to get
 *
 * Context: process context, may sleep for as long as it takes to clear some
 * memory at low addresses.
 *
 * Return: 0, -ENOMEM; -EIO for a mask that no pool can serve.
 */
int odma_prepare_pool(struct device *dev, u64 mask)
{
	int bits = odma_bits(dev, mask), ret = 0;

	if (bits < ODMA_MIN_BITS)
		return -EIO;
	mutex_lock(&odma_bounce_mutex);
	if (!odma_pool_of_bits[bits])
		ret = odma_make_pool(bits, ODMA_LOW_POOL);
	mutex_unlock(&odma_bounce_mutex);
	return ret;
}

/* A device's own pool is in the list for the reports only. */
void odma_list_pool(struct odma_bounce_pool *pool)
{
	mutex_lock(&odma_bounce_mutex);
	list_add_tail(&pool->node, &odma_bounce_pools);
	odma_add_pool_files(pool);
	mutex_unlock(&odma_bounce_mutex);
}

void odma_unlist_pool(struct odma_bounce_pool *pool)
{
	mutex_lock(&odma_bounce_mutex);
	list_del(&pool->node);
	odma_remove_pool_files(pool);
	mutex_unlock(&odma_bounce_mutex);
	odma_free_bounce_pool(pool);
}

/*
 * A pool whose slots are taken for good stays, as a line in the reports; with
 * its device's name another one may have files soon.
 */
void odma_abandon_pool(struct odma_bounce_pool *pool)
{
	mutex_lock(&odma_bounce_mutex);
	odma_remove_pool_files(pool);
	mutex_unlock(&odma_bounce_mutex);
}

/* The least piece of a list: what a block device has in one sector. */
#define ODMA_LEAST_PIECE	512

/* What the smallest piece takes: where its bits of the address are kept. */
static size_t odma_piece_takes(struct device *dev)
{
	return max_t(size_t, dma_get_min_align_mask(dev) + 1, ODMA_SLOT_SIZE);
}

/* Bytes, whatever others have. */
static size_t odma_may_have(const struct odma_bounce_pool *pool,
			    const struct odma_client *client)
{
	size_t slots = READ_ONCE(pool->limit) >> ODMA_SLOT_SHIFT;

	return min_t(size_t, slots, odma_share_of(pool, client)) <<
	       ODMA_SLOT_SHIFT;
}

/*
 * A page must fit, however cut, or no list does. Said when a driver asks how
 * large they may be, as the rule that asked for less could not know.
 */
static void odma_raise_limits(struct odma_bounce_pool *pool,
			      struct odma_client *client, struct device *dev)
{
	size_t least = PAGE_SIZE / ODMA_LEAST_PIECE * odma_piece_takes(dev);

	least = round_up(least, ODMA_WORD_BYTES);
	if (odma_may_have(pool, client) >= least)
		return;
	pr_warn("%s: one request may take %zu KiB of the %s pool, more than its limit_kib=%zu, which is raised to that\n",
		dev_name(dev), least >> 10, pool->name,
		odma_may_have(pool, client) >> 10);
	if (pool->limit < least)
		WRITE_ONCE(pool->limit, least);
	WRITE_ONCE(client->share, least >> ODMA_SLOT_SHIFT);
}

/*
 * A driver sends lists as large as it is told, and retries them until they
 * fit. In half of what it may have they do; and cut into the least of pieces,
 * each of which takes the room of a larger one, if it is told that much less.
 */
static size_t odma_fits_cut(const struct odma_bounce_pool *pool,
			    const struct odma_client *client,
			    struct device *dev)
{
	size_t most = odma_may_have(pool, client);

	return most / max_t(size_t, 2, odma_piece_takes(dev) /
				       ODMA_LEAST_PIECE);
}

/**
 * odma_bounce_max_size() - the largest buffer that a device can have bounced
 * @pool: its pool, or NULL
 * @client: its name on the records, or NULL
 * @dev: the device
 *
 * Context: any.
 *
 * Return: bytes, wherever the buffer begins. From then on such a piece stays in
 * the pool.
 */
size_t odma_bounce_max_size(struct odma_bounce_pool *pool,
			    struct odma_client *client, struct device *dev)
{
	size_t largest = pool && client ? odma_pool_largest(pool, dev) : 0;
	size_t lost = dma_get_min_align_mask(dev);

	/* Not more than what is between two boundaries. */
	if (largest)
		largest = min(largest - 1, dma_get_seg_boundary(dev)) + 1;
	lost = round_up(lost, ODMA_SLOT_SIZE);
	if (largest <= lost)
		return 0;
	odma_raise_limits(pool, client, dev);
	return min(largest - lost, odma_fits_cut(pool, client, dev));
}

/**
 * odma_check_pool_kib() - can a pool begin with as much?
 * @whose: for the message
 * @kib: what somebody has asked for
 *
 * The page allocator would give all that there is, and the machine would go
 * down for want of memory without a word on why.
 *
 * Return: 0, or -EINVAL, having said so.
 */
int odma_check_pool_kib(const char *whose, unsigned int kib)
{
	unsigned long most = totalram_pages() / 2 << (PAGE_SHIFT - 10);

	if (kib <= most)
		return 0;
	pr_err("%s: pool_kib=%u is more than half of this machine's memory: %lu at most\n",
	       whose, kib, most);
	return -EINVAL;
}

/* An area for each CPU, as long as that is little memory. */
static size_t odma_first_bytes(void)
{
	if (pool_kib)
		return (size_t)pool_kib * SZ_1K;
	return SZ_4M * clamp(num_online_cpus(), 1U, 4U);
}

int odma_shared_pools_init(void)
{
	int ret = odma_check_pool_kib("module parameter", pool_kib);

	if (ret)
		return ret;
	ret = odma_areas_init();
	if (ret)
		return ret;
	mutex_lock(&odma_bounce_mutex);
	ret = odma_make_pool(ODMA_MAX_BITS, odma_first_bytes());
	mutex_unlock(&odma_bounce_mutex);
	if (ret)
		odma_areas_exit();
	return ret;
}

void odma_shared_pools_exit(void)
{
	struct odma_bounce_pool *pool, *next;

	list_for_each_entry_safe(pool, next, &odma_bounce_pools, node) {
		list_del(&pool->node);
		odma_remove_pool_files(pool);
		odma_free_bounce_pool(pool);
	}
	odma_areas_exit();
}
