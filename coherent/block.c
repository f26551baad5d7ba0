// SPDX-License-Identifier: GPL-2.0
/*
 * Memory out of one pool, and back.
 *
 * Each allocation is on record with its length and its holder: so a free that
 * is wrong changes nothing, and whoever fills a pool can be named.
 *
 * Source: seeds page coherent.md.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include "../direct/direct.h"
#include "../mapping/core.h"
#include "pool.h"

/**
 * odma_pool_user() - a device's account with a pool
 * @pool: the pool
 * @dev: the device
 *
 * Context: process context, odma_mutex held.
 *
 * Return: the account, the same one each time the device comes back; NULL
 * where there is no memory for one.
 */
struct odma_pool_user *odma_pool_user(struct odma_pool *pool,
				      struct device *dev)
{
	struct odma_pool_user *user;

	lockdep_assert_held(&odma_mutex);
	list_for_each_entry(user, &pool->users, node)
		if (!strcmp(user->device, dev_name(dev)))
			goto found;
	user = kzalloc(sizeof(*user), GFP_KERNEL);
	if (!user)
		return NULL;
	user->pool = pool;
	user->device = kstrdup(dev_name(dev), GFP_KERNEL);
	if (!user->device) {
		kfree(user);
		return NULL;
	}
	spin_lock_irq(&pool->lock);
	list_add_tail(&user->node, &pool->users);
	spin_unlock_irq(&pool->lock);
found:
	strscpy(user->driver, dev->driver ? dev->driver->name : "-",
		sizeof(user->driver));
	return user;
}

bool odma_pool_has(const struct odma_pool *pool, const void *cpu)
{
	return cpu >= pool->cpu && cpu < pool->cpu + pool->range.size;
}

/* Where the device sees the pool; DMA_MAPPING_ERROR where it can't. */
dma_addr_t odma_pool_base(const struct odma_pool *pool, struct device *dev)
{
	const struct odma_pool_range *range = &pool->range;

	if (range->device != ODMA_POOL_DERIVE)
		return range->device;
	if (!odma_direct_in_one_range(dev, range->phys, range->size))
		return DMA_MAPPING_ERROR;
	return odma_phys_to_dma(dev, range->phys);
}

/* How many of its pages the device's coherent mask reaches. */
static unsigned int odma_pool_reach(const struct odma_pool *pool,
				    struct device *dev, dma_addr_t base)
{
	u64 limit = min_not_zero(dev->coherent_dma_mask, dev->bus_dma_limit);
	u64 pages = pool->map.pages;

	if (base == DMA_MAPPING_ERROR || base > limit ||
	    limit - base < PAGE_SIZE - 1)
		return 0;
	return min(pages - 1, (limit - base - (PAGE_SIZE - 1)) / PAGE_SIZE) + 1;
}

static int odma_take_block(struct odma_pool_user *user, unsigned int pages,
			   unsigned int reach)
{
	struct odma_pool *pool = user->pool;
	unsigned long irqflags;
	int start = -ENOSPC;

	spin_lock_irqsave(&pool->lock, irqflags);
	if (!pool->retired)
		start = odma_bitmap_take(&pool->map, pages, reach);
	if (start >= 0) {
		pool->blocks[start].user = user;
		WRITE_ONCE(pool->blocks[start].pages, pages);
		user->pages += pages;
		user->blocks++;
	} else {
		pool->failures++;
	}
	spin_unlock_irqrestore(&pool->lock, irqflags);
	return start;
}

/**
 * odma_pool_alloc() - allocate from a pool
 * @share: the pool, and who
 * @dev: the same, as a device
 * @size: bytes, not 0
 * @handle: the device's address
 *
 * Context: any.
 *
 * Return: the CPU's address of zeroed memory, or NULL.
 */
void *odma_pool_alloc(const struct odma_pool_share *share,
		      struct device *dev, size_t size, dma_addr_t *handle)
{
	struct odma_pool *pool = share->user->pool;
	unsigned int pages;
	void *cpu;
	int start;

	if (odma_of_taken(pool))
		return NULL;
	/* What no pool holds finds no room in this one, and is counted. */
	pages = PFN_UP(min_t(u64, size, pool->range.size + 1));
	start = odma_take_block(share->user, pages,
				odma_pool_reach(pool, dev, share->base));
	if (start < 0)
		return NULL;
	cpu = pool->cpu + start * PAGE_SIZE;
	/* To the end of the last page: a process that maps it sees all of it */
	memset(cpu, 0, pages * PAGE_SIZE);
	*handle = share->base + start * PAGE_SIZE;
	return cpu;
}

/* The allocation that begins at an address; NULL where none does. */
static struct odma_pool_block *odma_block_at(struct odma_pool *pool,
					     const void *cpu)
{
	size_t offset = cpu - pool->cpu;
	struct odma_pool_block *block = &pool->blocks[offset / PAGE_SIZE];

	return offset % PAGE_SIZE || !block->pages ? NULL : block;
}

/* Give a block back; its pages as they were on record, 0 where there is none */
static unsigned int odma_give_block(struct odma_pool *pool, void *cpu)
{
	struct odma_pool_block *block;
	unsigned long irqflags;
	unsigned int pages = 0;

	spin_lock_irqsave(&pool->lock, irqflags);
	block = odma_block_at(pool, cpu);
	if (block) {
		pages = block->pages;
		odma_bitmap_give(&pool->map, block - pool->blocks, pages);
		block->user->pages -= pages;
		block->user->blocks--;
		WRITE_ONCE(block->pages, 0);
	}
	spin_unlock_irqrestore(&pool->lock, irqflags);
	return pages;
}

/**
 * odma_pool_free() - give memory back to its pool
 * @pool: the pool that has @cpu
 * @dev: who frees it
 * @cpu: what odma_pool_alloc() returned
 * @size: as given to it
 *
 * A wrong size is reported, and the length on record is what gets freed. An
 * address where no allocation begins is reported, and nothing changes.
 *
 * Context: any.
 *
 * Return: bytes that were freed, whole pages.
 */
size_t odma_pool_free(struct odma_pool *pool, struct device *dev, void *cpu,
		      size_t size)
{
	size_t freed = odma_give_block(pool, cpu) * PAGE_SIZE;

	if (!freed)
		pr_err_ratelimited("%s: free of %#zx bytes at offset %#lx of the pool %#llx refused: no allocation begins there (freed twice?)\n",
				   dev_name(dev), size,
				   (unsigned long)(cpu - pool->cpu),
				   (u64)pool->range.phys);
	else if (freed != PAGE_ALIGN(size))
		pr_err_ratelimited("%s: free of %#zx bytes at offset %#lx of the pool %#llx: the allocation has %#zx, which are freed\n",
				   dev_name(dev), size,
				   (unsigned long)(cpu - pool->cpu),
				   (u64)pool->range.phys, freed);
	return freed;
}

/*
 * How many pages the allocation that @cpu is in has from there on, 0 where it
 * is in none. No lock: that allocation is the caller's, so no other begins or
 * ends between its beginning and @cpu.
 */
static unsigned long odma_pages_from(const struct odma_pool *pool,
				     const void *cpu)
{
	unsigned long at = (cpu - pool->cpu) / PAGE_SIZE, first = at, pages;

	while (first && !READ_ONCE(pool->blocks[first].pages))
		first--;
	pages = READ_ONCE(pool->blocks[first].pages);
	return pages > at - first ? pages - (at - first) : 0;
}

/**
 * odma_pool_mmap() - let a process see an allocation
 * @pool: the pool that has @cpu
 * @vma: where; vm_pgoff is the page offset from @cpu
 * @cpu: what odma_pool_alloc() returned, or an address in what it allocated
 * @size: bytes from there
 *
 * Context: process context, mmap lock held.
 *
 * Return: 0; -ENXIO where @vma reaches beyond the allocation, or @cpu is in
 * none.
 */
int odma_pool_mmap(struct odma_pool *pool, struct vm_area_struct *vma,
		   void *cpu, size_t size)
{
	unsigned long pfn = PHYS_PFN(pool->range.phys + (cpu - pool->cpu));
	unsigned long pages = min(PFN_UP(size), odma_pages_from(pool, cpu));

	if (vma->vm_pgoff >= pages || vma_pages(vma) > pages - vma->vm_pgoff)
		return -ENXIO;
	/* As the kernel's own mapping: two kinds of it for one page are bad */
	vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);
	return remap_pfn_range(vma, vma->vm_start, pfn + vma->vm_pgoff,
			       vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

/**
 * odma_pool_get_sgtable() - describe an allocation as a scatterlist
 * @pool: the pool that has @cpu
 * @sgt: filled in
 * @cpu: what odma_pool_alloc() returned, or an address in what it allocated
 * @size: bytes from there
 *
 * Context: process context, may sleep.
 *
 * Return: 0, -ENOMEM; -ENXIO where the memory has no struct page, as memory
 * that the kernel was told to stay away from often hasn't.
 */
int odma_pool_get_sgtable(struct odma_pool *pool, struct sg_table *sgt,
			  void *cpu, size_t size)
{
	unsigned long pfn = PHYS_PFN(pool->range.phys + (cpu - pool->cpu));
	unsigned long pages = odma_pages_from(pool, cpu);
	int ret;

	if (!pages || PFN_UP(size) > pages || !pfn_valid(pfn) ||
	    !pfn_valid(pfn + pages - 1))
		return -ENXIO;
	ret = sg_alloc_table(sgt, 1, GFP_KERNEL);
	if (!ret)
		sg_set_page(sgt->sgl, pfn_to_page(pfn), PAGE_ALIGN(size), 0);
	return ret;
}
