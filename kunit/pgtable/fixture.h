/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of the page tables share: tables of every shape, with an
 * allocator that counts and fails, invalidations that are recorded, and memory
 * as a walker finds it that doesn't see the caches.
 */
#ifndef _ODMA_KUNIT_PGTABLE_FIXTURE_H
#define _ODMA_KUNIT_PGTABLE_FIXTURE_H

#include <kunit/test.h>
#include <linux/sizes.h>
#include <linux/xarray.h>
#include <odma/pgtable.h>
#include "walker.h"

/* How much of a long test a kernel with slow memory accesses is given. */
#if defined(CONFIG_KASAN) || defined(CONFIG_KMSAN)
#define ODMA_PGT_SCALE	10
#else
#define ODMA_PGT_SCALE	1
#endif

#define ODMA_RW		(ODMA_READ | ODMA_WRITE | ODMA_CACHED)

/**
 * struct odma_pgt_shape - which tables a case is about
 * @stage:	as in struct odma_pgtable_cfg
 * @granule_shift: the same
 * @ias:	the same
 * @oas:	the same; 0: 48, or 52 where @ias is
 * @quirks:	the same
 */
struct odma_pgt_shape {
	enum odma_stage stage;
	u8 granule_shift;
	u8 ias;
	u8 oas;
	unsigned long quirks;
};

/**
 * struct odma_pgt_flush - an invalidation
 * @iova:	as told to flush_range
 * @size:	the same
 * @granule:	the same
 * @tables:	the same
 * @all:	it was flush_all
 */
struct odma_pgt_flush {
	u64 iova;
	size_t size;
	size_t granule;
	bool tables;
	bool all;
};

#define ODMA_PGT_FLUSHES	32

/**
 * struct odma_pgt - tables under test
 * @test:	the case
 * @cfg:	how they were made
 * @pgt:	they
 * @regs:	what hardware would be told
 * @walker:	reads what the CPU sees
 * @memory:	with ODMA_PGT_NONCOHERENT: reads what has reached memory
 * @tables:	struct odma_pgt_table of each page of them
 * @live:	tables that were allocated and not freed
 * @allocs:	how many allocations there were
 * @fail_at:	the allocation that fails, counted from 1; 0: none
 * @fail_on:	and all after it
 * @failed:	how many did
 * @gfp:	what the last one was asked with
 * @flush:	the first invalidations since odma_pgt_forget()
 * @flushes:	how many there were
 * @bystander:	called in each invalidation, as another CPU would come along;
 *		may be NULL
 * @intruder:	the same in each allocation
 * @cleaned:	the same after each write-back
 * @written:	how often it was called
 * @priv:	for these
 * @watch:	see which tables can be reached, in each invalidation
 * @inside:	one of them is running: don't call any again
 * @ending:	the tables are being destroyed
 * @lock:	@memory, against write-backs from two CPUs
 * @wrong:	the first thing that a callback didn't like
 */
struct odma_pgt {
	struct kunit *test;
	struct odma_pgtable_cfg cfg;
	struct odma_pgtable *pgt;
	struct odma_pgtable_regs regs;
	struct odma_walker walker;
	struct odma_walker memory;
	struct xarray tables;
	atomic_t live;
	atomic_t allocs;
	int fail_at;
	bool fail_on;
	atomic_t failed;
	gfp_t gfp;
	struct odma_pgt_flush flush[ODMA_PGT_FLUSHES];
	int flushes;
	void (*bystander)(struct odma_pgt *fx,
			  const struct odma_pgt_flush *flush);
	void (*intruder)(struct odma_pgt *fx);
	void (*cleaned)(struct odma_pgt *fx);
	unsigned int written;
	void *priv;
	bool watch;
	bool inside;
	bool ending;
	spinlock_t lock; /* one write-back at a time */
	const char *wrong;
};

/* Generators of parameters: all shapes; one of each granule and stage. */
const void *odma_pgt_all(const void *prev, char *desc);
const void *odma_pgt_some(const void *prev, char *desc);
/* As odma_pgt_some, of stage 1 also at the upper end. */
const void *odma_pgt_ends(const void *prev, char *desc);
/* One of each granule. */
const void *odma_pgt_granules(const void *prev, char *desc);

/* Suite hooks: tables of the case's shape; or none yet. */
int odma_pgt_init(struct kunit *test);
int odma_pgt_bare_init(struct kunit *test);
void odma_pgt_exit(struct kunit *test);

/* Other tables than those there are, of the case's shape with these quirks. */
void odma_pgt_remake(struct odma_pgt *fx, unsigned long quirks);
struct odma_pgtable_cfg odma_pgt_cfg(struct odma_pgt *fx,
				     const struct odma_pgt_shape *shape);
void odma_pgt_make(struct odma_pgt *fx, const struct odma_pgtable_cfg *cfg);
void odma_pgt_destroy(struct odma_pgt *fx);

/* Geometry: bytes of a leaf of a level, 0 where there is none; of a group. */
size_t odma_pgt_leaf(const struct odma_pgt *fx, u8 level);
size_t odma_pgt_group(const struct odma_pgt *fx, u8 level);
/* Addresses to begin at, aligned to all that fits twice in the input size. */
u64 odma_pgt_iova(const struct odma_pgt *fx);
phys_addr_t odma_pgt_phys(const struct odma_pgt *fx);
/* Input addresses from odma_pgt_iova() on. */
u64 odma_pgt_room(const struct odma_pgt *fx);
/* The largest leaf that fits there. */
size_t odma_pgt_fit(const struct odma_pgt *fx, u64 iova, phys_addr_t phys,
		    u64 left);

int odma_pgt_map(struct odma_pgt *fx, u64 iova, phys_addr_t phys, size_t size);
ssize_t odma_pgt_unmap(struct odma_pgt *fx, u64 iova, size_t size,
		       unsigned int flags);
void odma_pgt_forget(struct odma_pgt *fx);

/* What the walker finds; all of the range, each leaf as it ought to be. */
bool odma_pgt_is_mapped(struct odma_pgt *fx, u64 iova, phys_addr_t phys,
			u64 size, unsigned int prot);
bool odma_pgt_is_clear(struct odma_pgt *fx, u64 iova, u64 size);
/* As odma_pgt_is_mapped(), for what is true of every one of the leaves. */
bool odma_pgt_leaves_are(struct odma_pgt *fx, u64 iova, u64 size,
			 size_t leaf, bool contiguous);
void odma_pgt_expect(struct odma_pgt *fx, u64 iova, phys_addr_t phys,
		     u64 size);
void odma_pgt_expect_clear(struct odma_pgt *fx, u64 iova, u64 size);

/* The whole of the tables, while all is quiet; what there is in them. */
struct odma_walker_check odma_pgt_check(struct odma_pgt *fx);
/* Note which tables can be reached now. */
void odma_pgt_scan(struct odma_pgt *fx);
void odma_pgt_complain(struct odma_pgt *fx, const char *wrong);

#endif /* _ODMA_KUNIT_PGTABLE_FIXTURE_H */
