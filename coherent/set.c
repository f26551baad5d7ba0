// SPDX-License-Identifier: GPL-2.0
/*
 * The pools of one attached device: its own first, then the global one.
 *
 * A set is replaced, never changed, so allocating needs no lock to read it.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/slab.h>
#include "../mapping/core.h"
#include "coherent.h"
#include "pool.h"

/* Device-tree nodes that one device may name. */
#define ODMA_OF_POOLS	8

static struct odma_pool_set *odma_set_of(const struct odma_device *odev)
{
	return rcu_dereference_protected(odev->pools,
					 lockdep_is_held(&odma_mutex));
}

static struct odma_pool_set *odma_new_set(unsigned int room)
{
	struct odma_pool_set *set;

	return kzalloc(struct_size(set, own, room), GFP_KERNEL);
}

/* Give a set's references back; the set itself may still be read. */
static void odma_drop_set(struct odma_pool_set *set)
{
	struct odma_pool_user *user;
	unsigned int i;

	odma_for_each_user(set, user, i)
		if (user)
			odma_put_pool(user->pool);
	kfree_rcu(set, rcu);
}

static int odma_take_share(struct odma_pool_share *share,
			   struct odma_pool *pool, struct device *dev,
			   dma_addr_t base)
{
	share->user = odma_pool_user(pool, dev);
	if (!share->user)
		return -ENOMEM;
	odma_get_pool(pool);
	share->base = base;
	return 0;
}

static int odma_set_add(struct odma_pool_set *set, struct odma_pool *pool,
			struct device *dev, dma_addr_t base)
{
	int ret = odma_take_share(&set->own[set->count], pool, dev, base);

	if (!ret)
		set->count++;
	return ret;
}

static int odma_set_global(struct odma_pool_set *set, struct odma_pool *pool,
			   struct device *dev)
{
	if (!pool) {
		pr_warn("%s: its rule says pool=global, but there is no global pool any more\n",
			dev_name(dev));
		return 0;
	}
	return odma_take_share(&set->global, pool, dev,
			       odma_pool_base(pool, dev));
}

/* Declared for this device by odma_declare_coherent_memory(). */
static unsigned int odma_declared(struct device *dev, struct odma_pool **pools,
				  unsigned int room)
{
	struct odma_pool *pool;
	unsigned int count = 0;

	list_for_each_entry(pool, &odma_pools, node)
		if (pool->dev == dev && count < room)
			pools[count++] = pool;
	return count;
}

static int odma_fill_set(struct odma_pool_set *set, struct device *dev,
			 struct odma_pool *const *pools, unsigned int count)
{
	int ret = 0;

	for (; count-- && !ret; pools++)
		ret = odma_set_add(set, *pools, dev,
				   odma_pool_base(*pools, dev));
	return ret;
}

/**
 * odma_attach_pools() - find the pools of a device
 * @odev: being attached
 * @plan: what its rule says, or NULL
 *
 * Context: process context, odma_mutex held.
 *
 * Return: 0, also where there are none; -ENOMEM.
 */
int odma_attach_pools(struct odma_device *odev,
		      const struct odma_pool_plan *plan)
{
	struct odma_pool *of[ODMA_OF_POOLS], *declared[ODMA_DEVICE_POOLS];
	unsigned int of_count = odma_of_pools(odev->dev, of, ARRAY_SIZE(of));
	unsigned int count = odma_declared(odev->dev, declared,
					   ARRAY_SIZE(declared));
	struct odma_pool_set *set;
	int ret = 0;

	if (!plan && !count && !of_count)
		return 0;
	set = odma_new_set(count + of_count + ODMA_PLAN_POOLS);
	if (!set)
		ret = -ENOMEM;
	if (!ret)
		ret = odma_fill_set(set, odev->dev, declared, count);
	if (!ret && plan)
		ret = odma_fill_set(set, odev->dev, plan->pool, plan->count);
	if (!ret)
		ret = odma_fill_set(set, odev->dev, of, of_count);
	if (!ret && plan && plan->global)
		ret = odma_set_global(set, odma_global_pool(), odev->dev);
	while (of_count--)
		odma_put_pool(of[of_count]); /* the set has its own */
	if (ret) {
		if (set)
			odma_drop_set(set);
		return ret;
	}
	set->only = plan && plan->only;
	rcu_assign_pointer(odev->pools, set);
	return 0;
}

/**
 * odma_detach_pools() - the device allocates no more
 * @odev: attached, no driver uses it
 *
 * Context: process context, odma_mutex held.
 */
void odma_detach_pools(struct odma_device *odev)
{
	struct odma_pool_set *set = odma_set_of(odev);

	RCU_INIT_POINTER(odev->pools, NULL);
	if (set)
		odma_drop_set(set);
}

static int odma_map_pool(struct odma_device *odev, const struct odma_pool *pool,
			 dma_addr_t base)
{
	const struct odma_backend *backend = odev->backend;

	if (!backend->map_pool)
		return 0;
	return backend->map_pool(odev, pool->range.phys, base,
				 pool->range.size);
}

static void odma_unmap_pool(struct odma_device *odev,
			    const struct odma_pool *pool, dma_addr_t base)
{
	const struct odma_backend *backend = odev->backend;

	if (backend->unmap_pool)
		backend->unmap_pool(odev, base, pool->range.size);
}

static void odma_unmap_some_pools(struct odma_device *odev,
				  const struct odma_pool_set *set,
				  unsigned int count)
{
	struct odma_pool_user *user;
	unsigned int i;

	odma_for_each_user(set, user, i)
		if (user && i < count)
			odma_unmap_pool(odev, user->pool,
					odma_share_of(set, i)->base);
}

/**
 * odma_map_pools() - let a device reach its pools, where that takes doing
 * @odev: being attached, its backend is ready
 *
 * Context: process context, odma_mutex held.
 *
 * Return: 0, or what the backend said, with none of them mapped.
 */
int odma_map_pools(struct odma_device *odev)
{
	struct odma_pool_set *set = odma_set_of(odev);
	struct odma_pool_user *user;
	unsigned int i;
	int ret;

	if (!set)
		return 0;
	odma_for_each_user(set, user, i) {
		ret = user ? odma_map_pool(odev, user->pool,
					   odma_share_of(set, i)->base) : 0;
		if (ret) {
			odma_unmap_some_pools(odev, set, i);
			return ret;
		}
	}
	return 0;
}

/**
 * odma_unmap_pools() - undo odma_map_pools()
 * @odev: being detached, no driver uses it
 *
 * Context: process context, odma_mutex held.
 */
void odma_unmap_pools(struct odma_device *odev)
{
	struct odma_pool_set *set = odma_set_of(odev);

	if (set)
		odma_unmap_some_pools(odev, set, set->count + 1);
}

/*
 * The device's set, but for one pool, and with another one, at the end. Those
 * that stay do so where they are.
 */
static int odma_replace_set(struct odma_device *odev, struct odma_pool *without,
			    struct odma_pool *with, dma_addr_t base)
{
	struct odma_pool_set *old = odma_set_of(odev), *set;
	unsigned int i;
	int ret = 0;

	set = odma_new_set((old ? old->count : 0) + 1);
	if (!set)
		return -ENOMEM;
	for (i = 0; old && i < old->count && !ret; i++)
		if (old->own[i].user->pool != without)
			ret = odma_set_add(set, old->own[i].user->pool,
					   odev->dev, old->own[i].base);
	if (with && !ret)
		ret = odma_set_add(set, with, odev->dev, base);
	if (old && old->global.user && !ret)
		ret = odma_take_share(&set->global, old->global.user->pool,
				      odev->dev, old->global.base);
	if (ret) {
		odma_drop_set(set);
		return ret;
	}
	set->only = old && old->only;
	rcu_assign_pointer(odev->pools, set);
	if (old)
		odma_drop_set(old);
	return 0;
}

static int odma_declare(struct device *dev, const struct odma_pool_range *range)
{
	struct odma_device *odev = odma_find_device(dev);
	struct odma_pool *pool, *declared[ODMA_DEVICE_POOLS];
	dma_addr_t base;
	int ret = 0;

	if (odma_declared(dev, declared, ODMA_DEVICE_POOLS) ==
	    ODMA_DEVICE_POOLS) {
		pr_err("no pool %#llx+%#llx for %s: it has %d already\n",
		       (u64)range->phys, range->size, dev_name(dev),
		       ODMA_DEVICE_POOLS);
		return -ENOSPC;
	}
	pool = odma_create_pool(range, dev_name(dev), dev);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	base = odma_pool_base(pool, dev);
	if (odev)
		ret = odma_map_pool(odev, pool, base);
	if (odev && !ret) {
		ret = odma_replace_set(odev, NULL, pool, base);
		if (ret)
			odma_unmap_pool(odev, pool, base);
	}
	if (ret)
		odma_put_pool(pool);
	return ret;
}

/**
 * odma_declare_coherent_memory() - give a device memory of its own
 * @dev: the device, attached now or later
 * @phys: physical address, page aligned
 * @device_addr: the device's address of it, page aligned; or ODMA_POOL_DERIVE,
 *	to derive it from @phys and the device's dma-ranges
 * @size: bytes, whole pages
 *
 * The memory must be kept aside: no ordinary RAM, used by nobody. It is claimed
 * (see /proc/iomem), mapped write-combining, and written to. From now on the
 * device's coherent allocations come from there first, for as long as it is
 * attached, until odma_release_coherent_memory(). A device may have several.
 *
 * Context: process context, may sleep. Source: seeds page coherent.md.
 *
 * Return: 0; -EINVAL size 0, not page aligned, wrapping, beyond the machine's
 * addresses or no memory; -EBUSY ordinary RAM, another pool's or somebody
 * else's; -ENOSPC more pools than a device may have; -ENOMEM. All but the last
 * are also one line in the log.
 */
int odma_declare_coherent_memory(struct device *dev, phys_addr_t phys,
				 dma_addr_t device_addr, size_t size)
{
	struct odma_pool_range range = {
		.phys = phys,
		.size = size,
		.device = device_addr,
	};
	int ret;

	mutex_lock(&odma_mutex);
	ret = odma_declare(dev, &range);
	mutex_unlock(&odma_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(odma_declare_coherent_memory);

/* Where an attached device sees one of its own pools. */
static dma_addr_t odma_base_of(const struct odma_device *odev,
			       const struct odma_pool *pool)
{
	const struct odma_pool_set *set = odma_set_of(odev);
	unsigned int i;

	for (i = 0; set && i < set->count; i++)
		if (set->own[i].user->pool == pool)
			return set->own[i].base;
	return DMA_MAPPING_ERROR;
}

static int odma_release(struct device *dev)
{
	struct odma_pool *declared[ODMA_DEVICE_POOLS];
	struct odma_device *odev = odma_find_device(dev);
	unsigned int i, count;
	dma_addr_t base;
	int ret = 0;

	count = odma_declared(dev, declared, ODMA_DEVICE_POOLS);
	if (!count) {
		pr_err("%s: no pool was declared for it\n", dev_name(dev));
		return -ENOENT;
	}
	ret = odma_retire_pools(declared, count);
	/* One that a set can't be had for stays, retired, with its claim. */
	for (i = 0; i < count && !ret; i++) {
		base = odev ? odma_base_of(odev, declared[i]) : 0;
		if (odev)
			ret = odma_replace_set(odev, declared[i], NULL, 0);
		if (odev && !ret)
			odma_unmap_pool(odev, declared[i], base);
		if (!ret)
			odma_put_pool(declared[i]);
	}
	return ret;
}

/**
 * odma_release_coherent_memory() - undo odma_declare_coherent_memory()
 * @dev: the device; all that was declared for it is released, or nothing
 *
 * Context: process context, may sleep.
 *
 * Return: 0; -EBUSY while an allocation is live, and the log lists the
 * holders; -ENOENT where nothing was declared; -ENOMEM.
 */
int odma_release_coherent_memory(struct device *dev)
{
	int ret;

	mutex_lock(&odma_mutex);
	ret = odma_release(dev);
	mutex_unlock(&odma_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(odma_release_coherent_memory);

/**
 * odma_alloc_from_pools() - allocate from a device's pools
 * @odev: the attached device
 * @size: bytes, not 0
 * @handle: the device's address
 * @only: set to whether the backend must not be asked instead
 *
 * Context: any.
 *
 * Return: the CPU's address of zeroed memory, or NULL.
 */
void *odma_alloc_from_pools(struct odma_device *odev, size_t size,
			    dma_addr_t *handle, bool *only)
{
	const struct odma_pool_set *set;
	struct odma_pool_user *user;
	void *cpu = NULL;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(odev->pools);
	*only = set && set->only;
	if (set) {
		odma_for_each_user(set, user, i) {
			if (user)
				cpu = odma_pool_alloc(odma_share_of(set, i),
						      odev->dev, size, handle);
			if (cpu)
				break;
		}
	}
	rcu_read_unlock();
	return cpu;
}

/* Which pool an address is in: a live allocation there keeps the pool. */
static struct odma_pool *odma_pool_with(const struct odma_device *odev,
					const void *cpu)
{
	const struct odma_pool_set *set;
	struct odma_pool_user *user;
	struct odma_pool *pool = NULL;
	unsigned int i;

	if (!rcu_access_pointer(odev->pools))
		return NULL;
	rcu_read_lock();
	set = rcu_dereference(odev->pools);
	if (set)
		odma_for_each_user(set, user, i)
			if (user && odma_pool_has(user->pool, cpu))
				pool = user->pool;
	rcu_read_unlock();
	return pool;
}

/**
 * odma_free_to_pools() - give memory back, if it is from a pool
 * @odev: the attached device
 * @cpu: the CPU's address
 * @size: bytes
 *
 * Context: any.
 *
 * Return: whether @cpu is in one of the device's pools; @size is then what was
 * freed, 0 where the free was refused.
 */
bool odma_free_to_pools(struct odma_device *odev, void *cpu, size_t *size)
{
	struct odma_pool *pool = odma_pool_with(odev, cpu);

	if (pool)
		*size = odma_pool_free(pool, odev->dev, cpu, *size);
	return pool;
}

/**
 * odma_mmap_from_pools() - map memory of a pool into a process
 * @odev: the attached device
 * @vma: where
 * @cpu: the CPU's address
 * @size: bytes
 *
 * Context: process context, mmap lock held.
 *
 * Return: 0 or -ENXIO; 1 where @cpu is in none of the device's pools.
 */
int odma_mmap_from_pools(struct odma_device *odev, struct vm_area_struct *vma,
			 void *cpu, size_t size)
{
	struct odma_pool *pool = odma_pool_with(odev, cpu);

	return pool ? odma_pool_mmap(pool, vma, cpu, size) : 1;
}

/**
 * odma_sgtable_from_pools() - describe memory of a pool
 * @odev: the attached device
 * @sgt: filled in
 * @cpu: the CPU's address
 * @size: bytes
 *
 * Context: process context, may sleep.
 *
 * Return: 0, -ENOMEM or -ENXIO; 1 where @cpu is in none of the device's pools.
 */
int odma_sgtable_from_pools(struct odma_device *odev, struct sg_table *sgt,
			    void *cpu, size_t size)
{
	struct odma_pool *pool = odma_pool_with(odev, cpu);

	return pool ? odma_pool_get_sgtable(pool, sgt, cpu, size) : 1;
}

/**
 * odma_alloc_from_dev_coherent() - allocate from a device's pools, no further
 * @dev: the device
 * @size: bytes, not 0
 * @handle: the device's address
 *
 * For code that has its own fallback. odma_alloc_attrs() asks the pools itself.
 * Not among the device's counters.
 *
 * Context: any.
 *
 * Return: the CPU's address of zeroed memory, to be freed with
 * odma_release_from_dev_coherent(); NULL where the device is not attached, has
 * no pools, or they are full.
 */
void *odma_alloc_from_dev_coherent(struct device *dev, size_t size,
				   dma_addr_t *handle)
{
	struct odma_device *odev = odma_device_of(dev);
	bool only;

	if (!odev || !size)
		return NULL;
	return odma_alloc_from_pools(odev, size, handle, &only);
}
EXPORT_SYMBOL_GPL(odma_alloc_from_dev_coherent);

/**
 * odma_release_from_dev_coherent() - free what a device's pool gave
 * @dev: as given to odma_alloc_from_dev_coherent()
 * @size: as given to it
 * @cpu: any address
 *
 * Context: any.
 *
 * Return: whether @cpu is in one of the device's pools; otherwise nothing was
 * done.
 */
bool odma_release_from_dev_coherent(struct device *dev, size_t size, void *cpu)
{
	struct odma_device *odev = odma_device_of(dev);

	return odev && odma_free_to_pools(odev, cpu, &size);
}
EXPORT_SYMBOL_GPL(odma_release_from_dev_coherent);

/**
 * odma_mmap_from_dev_coherent() - map what a device's pool gave into a process
 * @dev: as given to odma_alloc_from_dev_coherent()
 * @vma: where; vm_pgoff is the page offset into the allocation
 * @cpu: as odma_alloc_from_dev_coherent() returned
 * @size: as given to it
 *
 * Context: process context, mmap lock held.
 *
 * Return: 0; -ENXIO where @vma reaches beyond the allocation; 1 where @cpu is
 * in none of the device's pools, and nothing was done.
 */
int odma_mmap_from_dev_coherent(struct device *dev, struct vm_area_struct *vma,
				void *cpu, size_t size)
{
	struct odma_device *odev = odma_device_of(dev);

	return odev ? odma_mmap_from_pools(odev, vma, cpu, size) : 1;
}
EXPORT_SYMBOL_GPL(odma_mmap_from_dev_coherent);
