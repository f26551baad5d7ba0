// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables under several threads, for ThreadSanitizer: two that map and
 * unmap neighbours, one that frees what is unused, one that looks things up,
 * and one that unmaps what they are just unmapping, as no caller should.
 *
 * Usage: race-pgtable [<seconds> [<seed>]]
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/numa.h>
#include <linux/slab.h>
#include <odma/pgtable.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "user.h"

#define ODMA_MAPPERS	2

#define ODMA_PAUSE_EVERY	8

/* Each mapper has every other of these chunks. */
#define ODMA_CHUNKS	12

static struct odma_pgtable *odma_pgt;
static unsigned int odma_stop;
static u64 odma_chunk;
static u64 odma_page;
static unsigned long odma_rounds[ODMA_MAPPERS];

/* What each mapper lets another thread unmap, too; no bytes: nothing. */
static struct {
	u64 iova;
	u64 size;
	u64 undone;
} odma_shared[ODMA_MAPPERS];
static unsigned int odma_doubler_stop;
static unsigned long odma_doubled;

static void odma_flush_range(void *cookie, u64 iova, size_t size,
			     size_t granule, bool tables)
{
}

static void odma_flush_all(void *cookie)
{
}

static const struct odma_tlb_ops odma_no_tlb = {
	.flush_range = odma_flush_range,
	.flush_all = odma_flush_all,
};

static void *odma_alloc(void *cookie, size_t size, gfp_t gfp)
{
	return odma_user_alloc(size, max_t(size_t, size, 64),
			       gfp | __GFP_ZERO);
}

static void odma_release(void *cookie, void *table, size_t size)
{
	odma_user_free(table);
}

static void odma_clean(void *cookie, void *cpu, size_t size)
{
}

static u32 odma_roll(u32 *state, u32 sides)
{
	*state = *state * 1664525 + 1013904223;
	return (*state >> 8) % sides;
}

/* Long enough for the others to get far. */
void odma_user_pause(void)
{
	static __thread u32 state;

	if (!odma_roll(&state, ODMA_PAUSE_EVERY))
		usleep(1 + odma_roll(&state, 50));
}

static u64 odma_phys(u64 iova)
{
	return iova + 2048 * odma_chunk;
}

static void odma_expect_all(u64 iova, u64 size, bool mapped)
{
	u64 at, step = max(size / 16, odma_page), want;
	phys_addr_t phys;

	for (at = iova; at < iova + size; at += step) {
		phys = odma_pgtable_iova_to_phys(odma_pgt, at);
		want = mapped ? odma_phys(at) : PHYS_ADDR_MAX;
		odma_expect(phys == want, "%llx is %llx, not %llx", at, phys,
			    want);
	}
}

/* A block where the other size had tables, of two levels with 4 KiB pages */
static void odma_any_large(u32 *state, unsigned int id, u64 *iova, u64 *size)
{
	u64 large = odma_page == 4096 ? 512 * odma_chunk : 4 * odma_chunk;

	*iova = (4 + id) * large;
	*size = odma_roll(state, 2) ? large : odma_page;
}

/* Of a chunk all of it, an end of it, or a part: sizes of all kinds meet. */
static void odma_any_range(u32 *state, unsigned int id, u64 *iova, u64 *size)
{
	u64 chunk = odma_roll(state, ODMA_CHUNKS / ODMA_MAPPERS);
	u64 pages = odma_chunk / odma_page, first = 0, n = pages;

	chunk = (chunk * ODMA_MAPPERS + id) * odma_chunk;
	if (odma_roll(state, 4)) {
		first = odma_roll(state, pages);
		n = 1 + odma_roll(state, min_t(u64, pages - first, 40));
	}
	*iova = chunk + first * odma_page;
	*size = n * odma_page;
}

/*
 * Of a chunk that both have, each its half: a table that is missing there, as
 * nobody else keeps it from being reclaimed, both want to make at once.
 */
static void odma_any_shared(u32 *state, unsigned int id, u64 *iova, u64 *size)
{
	u64 half = odma_chunk / odma_page / 2;
	u64 first = odma_roll(state, half);
	u64 n = 1 + odma_roll(state, min_t(u64, half - first, 4));

	*iova = ODMA_CHUNKS * odma_chunk + (id * half + first) * odma_page;
	*size = n * odma_page;
}

static void odma_unmap(u64 iova, u64 size)
{
	struct odma_gather gather = ODMA_GATHER_EMPTY;
	ssize_t ret = odma_pgtable_unmap(odma_pgt, iova, size,
					 ODMA_UNMAP_SPLIT, &gather);

	odma_expect(ret == (ssize_t)size, "unmap %llx + %llx: %zd", iova, size,
		    ret);
}

/* In two parts, where it has more than one page. */
static void odma_unmap_parts(u32 *state, u64 iova, u64 size)
{
	u64 part = odma_roll(state, size / odma_page) * odma_page;

	if (part) {
		odma_unmap(iova, part);
		odma_expect_all(iova, part, false);
		odma_expect_all(iova + part, size - part, true);
	}
	odma_unmap(iova + part, size - part);
	odma_expect_all(iova, size, false);
}

static u64 odma_unmap_some(u64 iova, u64 size)
{
	struct odma_gather gather = ODMA_GATHER_EMPTY;
	ssize_t ret = odma_pgtable_unmap(odma_pgt, iova, size, 0, &gather);

	return max_t(ssize_t, ret, 0);
}

/* On two threads at once: each page is undone, by one of them or by both. */
static void odma_unmap_twice(unsigned int id, u64 iova, u64 size)
{
	u64 undone;

	odma_shared[id].iova = iova;
	/* With @iova: it is taken from here on, */
	smp_store_release(&odma_shared[id].size, size);
	undone = odma_unmap_some(iova, size);
	/* until @undone is there. */
	while (smp_load_acquire(&odma_shared[id].size))
		usleep(1);
	undone += odma_shared[id].undone;
	odma_expect(undone >= size, "unmap %llx + %llx twice: %llx", iova, size,
		    undone);
	odma_expect_all(iova, size, false);
}

static void *odma_doubler(void *data)
{
	unsigned int id = 0;
	u64 size;

	for (; !READ_ONCE(odma_doubler_stop); id = !id) {
		/* As odma_unmap_twice() has posted it. */
		size = smp_load_acquire(&odma_shared[id].size);
		if (!size) {
			cpu_relax();
			continue;
		}
		odma_shared[id].undone = odma_unmap_some(odma_shared[id].iova,
							 size);
		odma_doubled += !!odma_shared[id].undone;
		/* With @undone. */
		smp_store_release(&odma_shared[id].size, 0);
	}
	return NULL;
}

static void *odma_mapper(void *data)
{
	unsigned int id = (unsigned long)data & 1;
	u32 state = (unsigned long)data;
	u64 iova, size;
	bool twice;
	int ret;

	while (!READ_ONCE(odma_stop)) {
		twice = false;
		switch (odma_roll(&state, 16)) {
		case 0:
			odma_any_large(&state, id, &iova, &size);
			break;
		case 1 ... 8:
			odma_any_shared(&state, id, &iova, &size);
			twice = !odma_roll(&state, 4);
			break;
		default:
			odma_any_range(&state, id, &iova, &size);
		}
		ret = odma_pgtable_map(odma_pgt, iova, odma_phys(iova), size,
				       ODMA_READ | ODMA_WRITE,
				       id ? GFP_KERNEL : GFP_ATOMIC);
		odma_expect(!ret, "map %llx + %llx: %d", iova, size, ret);
		odma_expect_all(iova, size, true);
		if (twice)
			odma_unmap_twice(id, iova, size);
		else
			odma_unmap_parts(&state, iova, size);
		odma_rounds[id]++;
	}
	return NULL;
}

static void *odma_reclaimer(void *data)
{
	while (!READ_ONCE(odma_stop))
		odma_pgtable_reclaim(odma_pgt);
	return NULL;
}

static int odma_see_leaf(const struct odma_leaf *leaf, void *data)
{
	odma_expect(leaf->phys == odma_phys(leaf->iova), "%llx is %llx",
		    leaf->iova, leaf->phys);
	return 0;
}

static void *odma_reader(void *data)
{
	u32 state = (unsigned long)data;
	phys_addr_t phys;
	u64 iova;

	while (!READ_ONCE(odma_stop)) {
		iova = odma_roll(&state, ODMA_CHUNKS * 64) *
		       (odma_chunk / 64);
		phys = odma_pgtable_iova_to_phys(odma_pgt, iova);
		odma_expect(phys == PHYS_ADDR_MAX || phys == odma_phys(iova),
			    "%llx is %llx", iova, phys);
		if (!odma_roll(&state, 64))
			odma_pgtable_for_each(odma_pgt, odma_see_leaf, NULL);
	}
	return NULL;
}

static void odma_run_for(unsigned int milliseconds, unsigned long seed)
{
	const struct timespec span = {
		.tv_sec = milliseconds / 1000,
		.tv_nsec = milliseconds % 1000 * 1000000L,
	};
	pthread_t threads[ODMA_MAPPERS + 2], doubler;
	unsigned int i;

	odma_stop = 0;
	odma_doubler_stop = 0;
	pthread_create(&doubler, NULL, odma_doubler, NULL);
	pthread_create(&threads[0], NULL, odma_mapper, (void *)(seed & ~1UL));
	pthread_create(&threads[1], NULL, odma_mapper, (void *)(seed | 1));
	pthread_create(&threads[2], NULL, odma_reclaimer, NULL);
	pthread_create(&threads[3], NULL, odma_reader, (void *)seed);
	nanosleep(&span, NULL);
	WRITE_ONCE(odma_stop, 1);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	/* The mappers wait for it. */
	WRITE_ONCE(odma_doubler_stop, 1);
	pthread_join(doubler, NULL);
}

static void odma_race(const struct odma_pgtable_cfg *cfg,
		      unsigned int milliseconds, unsigned long seed)
{
	odma_pgt = odma_pgtable_create(cfg);
	odma_expect(!IS_ERR(odma_pgt), "create: %ld", PTR_ERR(odma_pgt));
	odma_page = 1ULL << cfg->granule_shift;
	odma_chunk = odma_page << (cfg->granule_shift - 3);
	odma_rounds[0] = 0;
	odma_rounds[1] = 0;
	odma_run_for(milliseconds, seed);
	printf("stage %u, granule %u, quirks %lx: %lu and %lu rounds, %lu by another\n",
	       cfg->stage + 1, cfg->granule_shift, cfg->quirks, odma_rounds[0],
	       odma_rounds[1], odma_doubled);
	odma_expect(odma_rounds[0] && odma_rounds[1], "a mapper did nothing");
	odma_pgtable_reclaim(odma_pgt);
	odma_expect(odma_pgtable_tables(odma_pgt) == 1, "%u tables are left",
		    odma_pgtable_tables(odma_pgt));
	odma_pgtable_destroy(odma_pgt);
	odma_expect(!odma_live_allocs(), "%lu allocations are left",
		    odma_live_allocs());
}

int main(int argc, char **argv)
{
	unsigned int seconds = argc > 1 ? atoi(argv[1]) : 4;
	unsigned long seed = argc > 2 ? atol(argv[2]) : 1;
	static const struct {
		u8 granule;
		unsigned long quirks;
	} kinds[] = {
		{ 12, 0 },
		{ 12, ODMA_PGT_NONCOHERENT },
		{ 14, ODMA_PGT_BBML },
		{ 16, ODMA_PGT_NO_CONT },
	};
	struct odma_pgtable_cfg cfg = {
		.ias = 48,
		.oas = 48,
		.nid = NUMA_NO_NODE,
		.tlb = &odma_no_tlb,
		.alloc = odma_alloc,
		.free = odma_release,
		.clean = odma_clean,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		cfg.stage = i % 2 ? ODMA_STAGE_2 : ODMA_STAGE_1;
		cfg.granule_shift = kinds[i].granule;
		cfg.quirks = kinds[i].quirks;
		odma_race(&cfg, 1000 * seconds / ARRAY_SIZE(kinds), seed + i);
	}
	return 0;
}
