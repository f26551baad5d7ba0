/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page tables that an IOMMU walks, in Arm's VMSAv8-64 format (long descriptors,
 * as an SMMU reads them), stage 1 and stage 2.
 *
 * The library knows nothing of DMA and of devices: it is given memory for its
 * tables and somebody to invalidate TLBs, and keeps a translation.
 *
 * Callers on any number of CPUs may map, unmap and look up at once, as long as
 * no two of them work on the same addresses; nobody takes a lock.
 */
#ifndef _ODMA_PGTABLE_H
#define _ODMA_PGTABLE_H

#include <linux/bits.h>
#include <linux/gfp.h>
#include <linux/limits.h>
#include <linux/types.h>

struct odma_pgtable;
struct scatterlist;

enum odma_stage {
	ODMA_STAGE_1,
	ODMA_STAGE_2,
};

/* What an address may be used for, and how. Without READ or WRITE: -EINVAL. */
#define ODMA_READ	BIT(0)
#define ODMA_WRITE	BIT(1)	/* stage 1 can't but let it read, too */
#define ODMA_NOEXEC	BIT(2)
#define ODMA_PRIV	BIT(3)	/* stage 1: privileged accesses only */
#define ODMA_CACHED	BIT(4)	/* write-back memory; without it: not cached */
#define ODMA_DEVICE	BIT(5)	/* registers; wins over ODMA_CACHED */
#define ODMA_PROT_MASK	GENMASK(5, 0)

/* Properties of the walker that change the tables. */
#define ODMA_PGT_TTBR1		BIT(0)	/* stage 1: the upper end of 64 bits */
#define ODMA_PGT_NONCOHERENT	BIT(1)	/* it doesn't see the CPU's caches */
#define ODMA_PGT_NO_CONT	BIT(2)	/* set no contiguous hint */
#define ODMA_PGT_BBML		BIT(3)	/* entries may change their size live */
#define ODMA_PGT_QUIRKS		GENMASK(3, 0)

/**
 * struct odma_tlb_ops - who invalidates what an IOMMU remembers of the tables
 * @flush_range: forget [iova, iova + size), of leaves that are at least
 *		@granule bytes, and with @tables also of tables on the way to
 *		them. Returns when it is done. Any context.
 * @flush_all:	forget all of this domain. Returns when it is done. Any context.
 */
struct odma_tlb_ops {
	void (*flush_range)(void *cookie, u64 iova, size_t size,
			    size_t granule, bool tables);
	void (*flush_all)(void *cookie);
};

/**
 * struct odma_pgtable_cfg - what tables to make
 * @stage:	ODMA_STAGE_1 or ODMA_STAGE_2
 * @granule_shift: 12, 14 or 16: the page size
 * @ias:	input address bits, 32 to 48 (52 with 64 KiB pages)
 * @oas:	output address bits, 32 to 48 (52 with 64 KiB pages)
 * @quirks:	ODMA_PGT_TTBR1, ...
 * @nid:	the node to take tables from, or NUMA_NO_NODE
 * @tlb:	who invalidates
 * @alloc:	zeroed memory for a table, @size a power of two, aligned to it,
 *		in the kernel's direct mapping; NULL where there is none. It is
 *		the place to count, and to fail on purpose. NULL: the page
 *		allocator.
 * @free:	takes it back; NULL: the page allocator
 * @clean:	with ODMA_PGT_NONCOHERENT: write cache lines back. NULL: what
 *		the architecture has.
 * @cookie:	for all of these
 */
struct odma_pgtable_cfg {
	enum odma_stage stage;
	u8 granule_shift;
	u8 ias;
	u8 oas;
	unsigned long quirks;
	int nid;
	const struct odma_tlb_ops *tlb;
	void *(*alloc)(void *cookie, size_t size, gfp_t gfp);
	void (*free)(void *cookie, void *table, size_t size);
	void (*clean)(void *cookie, void *cpu, size_t size);
	void *cookie;
};

/**
 * struct odma_gather - what has been unmapped and not invalidated yet
 * @start:	first address
 * @last:	last address; below @start while there is nothing
 * @granule:	the smallest leaf that was unmapped, bytes
 * @tables:	tables went with it
 */
struct odma_gather {
	u64 start;
	u64 last;
	size_t granule;
	bool tables;
};

#define ODMA_GATHER_EMPTY						\
	{ .start = U64_MAX, .last = 0, .granule = SIZE_MAX }

static inline void odma_gather_init(struct odma_gather *gather)
{
	*gather = (struct odma_gather)ODMA_GATHER_EMPTY;
}

static inline bool odma_gather_is_empty(const struct odma_gather *gather)
{
	return gather->start > gather->last;
}

/* What lies between two ranges is invalidated with them: that does no harm. */
static inline void odma_gather_add(struct odma_gather *gather, u64 iova,
				   size_t size, size_t granule)
{
	if (gather->start > iova)
		gather->start = iova;
	if (gather->last < iova + size - 1)
		gather->last = iova + size - 1;
	if (gather->granule > granule)
		gather->granule = granule;
}

/* How to unmap. */
#define ODMA_UNMAP_SPLIT	BIT(0)	/* cut blocks that reach beyond it */
#define ODMA_UNMAP_SPARSE	BIT(1)	/* pass over what isn't mapped */

/**
 * struct odma_leaf - what an address is translated to
 * @iova:	where the leaf begins
 * @phys:	what that is translated to
 * @size:	bytes that one entry translates
 * @prot:	ODMA_READ, ...
 * @contiguous:	the entry has the contiguous hint
 */
struct odma_leaf {
	u64 iova;
	phys_addr_t phys;
	size_t size;
	unsigned int prot;
	bool contiguous;
};

/**
 * struct odma_pgtable_regs - what the IOMMU has to be told of the tables
 * @ttbr:	physical address of the first table
 * @mair:	memory attributes, stage 1 (MAIR_EL1's layout)
 * @tsz:	64 less the input size (TxSZ)
 * @tg:		log2 of the granule
 * @start_level: the first table's level, 0 to 3
 * @ips:	output size as 0 to 6 for 32, 36, 40, 42, 44, 48, 52 bits
 * @sh:		shareability of walks: 3 inner, 2 outer
 * @rgn:	cacheability of walks: 1 write-back, 0 not cached
 */
struct odma_pgtable_regs {
	phys_addr_t ttbr;
	u64 mair;
	u8 tsz;
	u8 tg;
	u8 start_level;
	u8 ips;
	u8 sh;
	u8 rgn;
};

struct odma_pgtable *odma_pgtable_create(const struct odma_pgtable_cfg *cfg);
void odma_pgtable_destroy(struct odma_pgtable *pgt);
void odma_pgtable_get_regs(const struct odma_pgtable *pgt,
			   struct odma_pgtable_regs *regs);
unsigned long odma_pgtable_sizes(const struct odma_pgtable *pgt);

int odma_pgtable_map(struct odma_pgtable *pgt, u64 iova, phys_addr_t phys,
		     size_t size, unsigned int prot, gfp_t gfp);
int odma_pgtable_map_pages(struct odma_pgtable *pgt, u64 iova,
			   phys_addr_t phys, size_t page_size, size_t count,
			   unsigned int prot, gfp_t gfp);
int odma_pgtable_map_sg(struct odma_pgtable *pgt, struct scatterlist *sgl,
			int nents, unsigned int prot, gfp_t gfp);
ssize_t odma_pgtable_unmap(struct odma_pgtable *pgt, u64 iova, size_t size,
			   unsigned int flags, struct odma_gather *gather);

phys_addr_t odma_pgtable_iova_to_phys(struct odma_pgtable *pgt, u64 iova);
int odma_pgtable_lookup(struct odma_pgtable *pgt, u64 iova,
			struct odma_leaf *leaf);
int odma_pgtable_for_each(struct odma_pgtable *pgt,
			  int (*fn)(const struct odma_leaf *leaf, void *data),
			  void *data);

unsigned int odma_pgtable_tables(const struct odma_pgtable *pgt);
unsigned int odma_pgtable_reclaim(struct odma_pgtable *pgt);

#endif /* _ODMA_PGTABLE_H */
