/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A backend that does nothing but remember what it was asked.
 */
#ifndef _ODMA_KUNIT_RECORDER_H
#define _ODMA_KUNIT_RECORDER_H

#include <linux/scatterlist.h>
#include <odma/backend.h>

enum odma_op {
	ODMA_OP_NONE,
	ODMA_OP_MAP,
	ODMA_OP_UNMAP,
	ODMA_OP_MAP_SG,
	ODMA_OP_UNMAP_SG,
	ODMA_OP_MAP_RESOURCE,
	ODMA_OP_UNMAP_RESOURCE,
	ODMA_OP_SYNC_CPU,
	ODMA_OP_SYNC_DEVICE,
	ODMA_OP_SYNC_SG_CPU,
	ODMA_OP_SYNC_SG_DEVICE,
	ODMA_OP_ALLOC,
	ODMA_OP_FREE,
	ODMA_OP_ALLOC_PAGES,
	ODMA_OP_FREE_PAGES,
	ODMA_OP_MMAP,
	ODMA_OP_GET_SGTABLE,
	ODMA_OP_SUPPORTED,
	ODMA_OP_REQUIRED_MASK,
};

/**
 * struct odma_record - the last call, and what to answer to the next one
 * @op: which function
 * @calls: how many calls there were
 * @dev: its device
 * @addr: DMA address, or for a mapping the physical one; mask to dma_supported
 * @size: bytes, or entries of a list
 * @dir: direction
 * @attrs: attributes
 * @ptr: scatterlist, memory, page, vma
 * @gfp: of an allocation
 * @sg_ret: what map_sg answers
 * @addr_ret: what map and map_resource answer
 * @allocs: allocations that were made
 * @frees: and given back
 * @no_memory: allocations fail
 * @attach_ret: what attach answers
 * @detaches: calls of detach
 */
struct odma_record {
	enum odma_op op;
	int calls;
	struct device *dev;
	u64 addr;
	size_t size;
	enum dma_data_direction dir;
	unsigned long attrs;
	void *ptr;
	gfp_t gfp;
	int sg_ret;
	dma_addr_t addr_ret;
	int allocs;
	int frees;
	bool no_memory;
	int attach_ret;
	int detaches;
};

#define ODMA_RECORDER	"odma-recorder"

extern struct odma_record odma_record;
extern struct odma_backend odma_recorder;
extern const struct dma_map_ops odma_recorder_ops;

void odma_clear_record(void);

#endif /* _ODMA_KUNIT_RECORDER_H */
