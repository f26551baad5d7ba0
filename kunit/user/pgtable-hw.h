/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An IOMMU in software: it keeps leaves and tables until it is told to forget
 * them, and it looks at the tables whenever the library calls out.
 */
#ifndef _ODMA_USER_PGTABLE_HW_H
#define _ODMA_USER_PGTABLE_HW_H

#include <odma/pgtable.h>
#include "../pgtable/walker.h"

#define ODMA_HW_TABLES		4096
#define ODMA_HW_LEAVES		64
#define ODMA_HW_WALKS		64
#define ODMA_HW_PLACES		12U

/**
 * struct odma_hw_leaf - what it remembers of a leaf
 * @off: first address, counted from the lowest that the tables translate
 * @size: bytes; of a contiguous group all of it. 0: not in use
 * @leaf: bytes of a leaf
 * @phys: what @off is translated to
 * @prot: ODMA_READ, ...
 */
struct odma_hw_leaf {
	u64 off;
	u64 size;
	u64 leaf;
	u64 phys;
	unsigned int prot;
};

/**
 * struct odma_hw_walk - what it remembers of the way to leaves
 * @off: first address that @table translates
 * @size: bytes; 0: not in use
 * @table: the table
 */
struct odma_hw_walk {
	u64 off;
	u64 size;
	u64 table;
};

/**
 * struct odma_hw_table - memory of a table
 * @cpu: what the CPU sees
 * @seen: what a walker sees that doesn't see the CPU's caches, or NULL
 * @size: bytes
 * @linked: the last check has come by
 */
struct odma_hw_table {
	u64 *cpu;
	u64 *seen;
	size_t size;
	bool linked;
};

/**
 * struct odma_hw - the IOMMU
 * @walker: how it reads tables; @live says whether it may
 * @live: the tables exist
 * @coherent: it sees the CPU's caches
 * @base: the lowest address
 * @tables: memory
 * @table_count: how many
 * @last_table: the one that was looked for last
 * @leaves: the TLB
 * @next_leaf: which of them goes next
 * @walks: the walk cache
 * @next_walk: which of them goes next
 * @level: of the table that is read next
 * @off: the address that is being looked up
 * @places: where it looks, whenever there is an opportunity
 * @place_count: how many
 * @next_place: which of them goes next
 */
struct odma_hw {
	struct odma_walker walker;
	bool live;
	bool coherent;
	u64 base;
	struct odma_hw_table tables[ODMA_HW_TABLES];
	unsigned int table_count;
	unsigned int last_table;
	struct odma_hw_leaf leaves[ODMA_HW_LEAVES];
	unsigned int next_leaf;
	struct odma_hw_walk walks[ODMA_HW_WALKS];
	unsigned int next_walk;
	unsigned int level;
	u64 off;
	u64 places[ODMA_HW_PLACES];
	unsigned int place_count;
	unsigned int next_place;
};

extern const struct odma_tlb_ops odma_hw_tlb_ops;

/* For struct odma_pgtable_cfg; their cookie is the struct odma_hw. */
void *odma_hw_alloc(void *cookie, size_t size, gfp_t gfp);
void odma_hw_free(void *cookie, void *table, size_t size);
void odma_hw_clean(void *cookie, void *cpu, size_t size);

/* Before the tables are made, when they are there, before they go */
void odma_hw_prepare(struct odma_hw *hw, const struct odma_pgtable_cfg *cfg);
void odma_hw_start(struct odma_hw *hw, struct odma_pgtable *pgt,
		   const struct odma_pgtable_cfg *cfg);
void odma_hw_stop(struct odma_hw *hw);

/* Where the next operation happens: the last few of these are watched. */
void odma_hw_watch(struct odma_hw *hw, u64 off);
/* An access of a device: false where it faults. */
bool odma_hw_access(struct odma_hw *hw, u64 off, struct odma_hw_leaf *leaf);
/* One to each place that is watched. */
void odma_hw_look(struct odma_hw *hw);
/* Read all of the tables, as they are in memory. */
void odma_hw_check(struct odma_hw *hw, struct odma_walker_check *check);

#endif /* _ODMA_USER_PGTABLE_HW_H */
