/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the core asks of whoever has coherent pools: coherent/ registers it.
 */
#ifndef _ODMA_POOLS_H
#define _ODMA_POOLS_H

#include <linux/types.h>

struct odma_device;
struct odma_leftovers;
struct odma_pool_plan;
struct sg_table;
struct vm_area_struct;

/**
 * struct odma_pool_sums - the pools of one device, added up
 * @size:	bytes
 * @used:	bytes that are allocated
 * @high_water:	the most that ever were, each pool by itself
 * @largest:	the longest free run, bytes
 * @fragmentation: per cent of the free memory that is not in it
 * @failures:	allocations that one of the pools had no room for
 */
struct odma_pool_sums {
	u64 size;
	u64 used;
	u64 high_water;
	u64 largest;
	u64 failures;
	unsigned int fragmentation;
};

/**
 * struct odma_pool_ops - pools, as the core sees them
 * @check:	is this a pool= word? 0, or -EINVAL with a line in the log
 * @plan:	make the pools that a rule's words ask for
 * @get_plan:	one more refers to a plan, which may be NULL
 * @put_plan:	one less; the last one gives its pools up, of which those stay
 *		that an attached device has
 * @attach:	find the pools of a device: odev->pools, NULL where it has none
 * @detach:	it has none any more; memory of them that is in use stays
 *		claimed and mapped
 * @map:	let the device reach them, where that takes doing
 * @unmap:	undo @map
 * @live:	add to @left what is allocated from them for this device
 * @sum:	occupancy of a device's own pools. Any context.
 * @alloc:	zeroed memory, or NULL; sets @only where the backend must not be
 *		asked instead. Any context.
 * @full:	say in the log that @alloc found no room. Any context.
 * @free:	is @cpu in one of the device's pools? @size becomes what was
 *		freed, 0 where the free was refused. Any context.
 * @mmap:	map it into a process; 1 where it is in none of them
 * @get_sgtable: describe it; 1 where it is in none of them
 *
 * Process context with odma_mutex held, where nothing else is said. Those that
 * go by an allocation are called only where odev->pools is not NULL.
 */
struct odma_pool_ops {
	int (*check)(const char *device, const char *value);
	int (*plan)(const char *device, const char *options,
		    struct odma_pool_plan **plan);
	struct odma_pool_plan *(*get_plan)(struct odma_pool_plan *plan);
	void (*put_plan)(struct odma_pool_plan *plan);
	int (*attach)(struct odma_device *odev,
		      const struct odma_pool_plan *plan);
	void (*detach)(struct odma_device *odev);
	int (*map)(struct odma_device *odev);
	void (*unmap)(struct odma_device *odev);
	void (*live)(struct odma_device *odev, struct odma_leftovers *left);
	void (*sum)(const struct odma_device *odev, struct odma_pool_sums *sum);
	void *(*alloc)(struct odma_device *odev, size_t size,
		       dma_addr_t *handle, bool *only);
	void (*full)(struct odma_device *odev, size_t size);
	bool (*free)(struct odma_device *odev, void *cpu, size_t *size);
	int (*mmap)(struct odma_device *odev, struct vm_area_struct *vma,
		    void *cpu, size_t size);
	int (*get_sgtable)(struct odma_device *odev, struct sg_table *sgt,
			   void *cpu, size_t size);
};

/* Set before anything is attached, and never again. */
extern const struct odma_pool_ops *odma_pool_ops;

#endif /* _ODMA_POOLS_H */
