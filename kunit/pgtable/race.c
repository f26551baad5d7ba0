// SPDX-License-Identifier: GPL-2.0
/*
 * Several CPUs in the same tables: both map into a table that neither finds,
 * neighbours come and go in one leaf table, tables are reclaimed meanwhile.
 *
 * The narrow windows are met on purpose: in the allocation of a table, when it
 * has been seen to be missing and is not there yet, somebody else makes it.
 */
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/prandom.h>
#include "../../iommu/pgtable/pgtable.h"
#include "../shared/fixture.h"
#include "fixture.h"
#include "../suites.h"

#define ODMA_RACE_ROUNDS	(8000 / ODMA_PGT_SCALE)

/**
 * struct odma_intruder - what is done while a table is being allocated
 * @offset:	a page is mapped there,
 * @skip:	when so many allocations have passed
 * @count:	how often it was done
 * @ret:	with this result
 * @gone:	and unmapped again
 */
struct odma_intruder {
	u64 offset;
	int skip;
	int count;
	int ret;
	bool gone;
};

static void odma_intrude(struct odma_pgt *fx)
{
	struct odma_intruder *intruder = fx->priv;
	u64 iova = odma_pgt_iova(fx) + intruder->offset;
	size_t page = odma_pgt_leaf(fx, 3);

	if (intruder->skip-- > 0 || intruder->count)
		return;
	intruder->count++;
	intruder->ret = odma_pgtable_map(fx->pgt, iova, 0, page, ODMA_RW,
					 GFP_ATOMIC);
	if (intruder->gone &&
	    odma_pgt_unmap(fx, iova, page, 0) != page)
		odma_pgt_complain(fx, "the other's page wasn't there");
}

/* Neighbours: a page each, in tables that the two of them share from a level
 * on, or all of them.
 */
static void odma_race_once(struct odma_pgt *fx, u64 mine, u64 size, u64 theirs,
			   int skip, bool gone)
{
	struct odma_intruder intruder = {
		.offset = theirs,
		.skip = skip,
		.gone = gone,
	};
	size_t page = odma_pgt_leaf(fx, 3);
	u64 iova = odma_pgt_iova(fx);

	fx->priv = &intruder;
	fx->intruder = odma_intrude;
	KUNIT_EXPECT_EQ(fx->test, 0, odma_pgt_map(fx, iova + mine, mine, size));
	fx->intruder = NULL;
	KUNIT_EXPECT_EQ(fx->test, 0, intruder.ret);
	odma_pgt_expect(fx, iova + mine, mine, size);
	if (intruder.count && !gone)
		odma_pgt_expect(fx, iova + theirs, 0, page);
	KUNIT_EXPECT_EQ(fx->test, odma_pgt_check(fx).bytes,
			size + (intruder.count && !gone ? page : 0));
	odma_pgt_unmap(fx, iova, odma_pgt_room(fx), ODMA_UNMAP_SPARSE);
	odma_pgtable_reclaim(fx->pgt);
	KUNIT_EXPECT_EQ(fx->test, odma_pgt_check(fx).tables, 1);
}

static void odma_race_for_tables(struct odma_pgt *fx)
{
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	int skip, gone;

	for (skip = 0; skip < 4; skip++) {
		for (gone = 0; gone < 2; gone++) {
			odma_race_once(fx, page, page, 0, skip, gone);
			odma_race_once(fx, block, page, 0, skip, gone);
			odma_race_once(fx, block - page, 2 * page, 0, skip,
				       gone);
			odma_race_once(fx, block - page, 2 * page, block + page,
				       skip, gone);
			odma_race_once(fx, block - page, block + 2 * page, 0,
				       skip, gone);
		}
	}
}

static void odma_race_both_win(struct kunit *test)
{
	odma_race_for_tables(test->priv);
}

/* The loser may find the winner's table before that was written back. */
static void odma_race_both_win_uncached(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;

	odma_pgt_remake(fx, ODMA_PGT_NONCOHERENT);
	odma_race_for_tables(fx);
}

/**
 * struct odma_racer - somebody who maps and unmaps pages of his own
 * @fx:		the tables
 * @id:		which of them he is, and of how many
 * @of:		...
 * @rnd:	what he does next
 * @mapped:	which of his pages are mapped, a bit for each
 * @maps:	how often he mapped something
 * @task:	his thread
 * @done:	it has come to its end
 */
struct odma_racer {
	struct odma_pgt *fx;
	int id;
	int of;
	struct rnd_state rnd;
	DECLARE_BITMAP(mapped, 64);
	u64 maps;
	struct task_struct *task;
	struct completion done;
};

/* Every so many pages of the same leaf tables, on both sides of a border. */
static u64 odma_racer_offset(const struct odma_racer *racer, int i)
{
	size_t page = odma_pgt_leaf(racer->fx, 3);

	return odma_pgt_leaf(racer->fx, 2) +
	       ((i - 32) * racer->of + racer->id) * page;
}

static phys_addr_t odma_racer_phys(const struct odma_racer *racer, int i)
{
	return odma_pgt_phys(racer->fx) + (2 * i + racer->id) *
	       odma_pgt_leaf(racer->fx, 3);
}

/* What hardware would find: without caches, what is in memory. */
static bool odma_racer_finds(struct odma_racer *racer, u64 iova,
			     phys_addr_t phys)
{
	struct odma_pgt *fx = racer->fx;
	struct odma_walk r;

	if (odma_walk(&fx->walker, iova, &r) || r.phys != phys)
		return false;
	if (odma_pgtable_iova_to_phys(fx->pgt, iova) != phys)
		return false;
	if (!(fx->cfg.quirks & ODMA_PGT_NONCOHERENT))
		return true;
	return !odma_walk(&fx->memory, iova, &r) && r.phys == phys;
}

static void odma_racer_step(struct odma_racer *racer)
{
	int i = prandom_u32_state(&racer->rnd) % 64;
	struct odma_pgt *fx = racer->fx;
	size_t page = odma_pgt_leaf(fx, 3);
	u64 iova = odma_pgt_iova(fx) + odma_racer_offset(racer, i);

	if (test_bit(i, racer->mapped)) {
		if (!odma_racer_finds(racer, iova, odma_racer_phys(racer, i)))
			odma_pgt_complain(fx, "a mapping has gone");
		if (odma_pgt_unmap(fx, iova, page, 0) != page)
			odma_pgt_complain(fx, "a mapping can't be undone");
	} else {
		if (odma_pgtable_iova_to_phys(fx->pgt, iova) != PHYS_ADDR_MAX)
			odma_pgt_complain(fx, "a mapping that nobody made");
		if (odma_pgt_map(fx, iova, odma_racer_phys(racer, i), page))
			odma_pgt_complain(fx, "a page can't be mapped");
		if (!odma_racer_finds(racer, iova, odma_racer_phys(racer, i)))
			odma_pgt_complain(fx, "a mapping isn't there");
		racer->maps++;
	}
	__change_bit(i, racer->mapped);
}

/* Now and then all at once, so that tables become empty. */
static void odma_racer_run(struct odma_racer *racer)
{
	int round, i;

	for (round = 0; round < ODMA_RACE_ROUNDS; round++) {
		odma_racer_step(racer);
		if (round % 64)
			continue;
		for_each_set_bit(i, racer->mapped, 64)
			odma_pgt_unmap(racer->fx, odma_pgt_iova(racer->fx) +
				       odma_racer_offset(racer, i),
				       odma_pgt_leaf(racer->fx, 3), 0);
		bitmap_zero(racer->mapped, 64);
		cond_resched();
	}
}

static int odma_racer_thread(void *data)
{
	struct odma_racer *racer = data;

	odma_racer_run(racer);
	complete(&racer->done);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static int odma_reclaimer_thread(void *data)
{
	struct odma_racer *racer = data;

	while (!kthread_should_stop()) {
		racer->maps += odma_pgtable_reclaim(racer->fx->pgt);
		schedule_timeout_interruptible(1);
	}
	return 0;
}

static void odma_racer_start(struct odma_racer *racer, int (*fn)(void *data),
			     int cpu)
{
	init_completion(&racer->done);
	prandom_seed_state(&racer->rnd, 4242 + racer->id);
	racer->task = kthread_create(fn, racer, "odma-kunit/%d", racer->id);
	KUNIT_ASSERT_FALSE(racer->fx->test, IS_ERR(racer->task));
	kthread_bind(racer->task, cpu);
	wake_up_process(racer->task);
}

static void odma_race_threads(struct odma_pgt *fx)
{
	struct odma_racer *racer = kunit_kzalloc(fx->test, 3 * sizeof(*racer),
						 GFP_KERNEL);
	u64 pages = 0;
	int i;

	KUNIT_ASSERT_NOT_NULL(fx->test, racer);
	for (i = 0; i < 3; i++) {
		racer[i].fx = fx;
		racer[i].id = i;
		racer[i].of = 2;
	}
	odma_racer_start(&racer[2], odma_reclaimer_thread, 0);
	for (i = 0; i < 2; i++)
		odma_racer_start(&racer[i], odma_racer_thread, i);
	for (i = 0; i < 2; i++) {
		wait_for_completion(&racer[i].done);
		kthread_stop(racer[i].task);
		pages += bitmap_weight(racer[i].mapped, 64);
		KUNIT_EXPECT_GT(fx->test, racer[i].maps, ODMA_RACE_ROUNDS / 4);
	}
	kthread_stop(racer[2].task);
	KUNIT_EXPECT_EQ(fx->test, odma_pgt_check(fx).leaves, pages);
}

static void odma_race_neighbours(struct kunit *test)
{
	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	odma_race_threads(test->priv);
}

static void odma_race_neighbours_uncached(struct kunit *test)
{
	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	odma_pgt_remake(test->priv, ODMA_PGT_NONCOHERENT);
	odma_race_threads(test->priv);
}

#define ODMA_RACE_GROUPS	128

/* Two halves of each group, by a thread each: both break it up. */
static int odma_halver_thread(void *data)
{
	struct odma_racer *racer = data;
	struct odma_pgt *fx = racer->fx;
	size_t page = odma_pgt_leaf(fx, 3), group = odma_pgt_group(fx, 3);
	int i, j, n = group / page / 2;
	u64 iova;

	for (i = 0; i < ODMA_RACE_GROUPS; i++) {
		for (j = 0; j < n; j++) {
			iova = odma_pgt_iova(fx) + i * group +
			       (racer->id * n + j) * page;
			if (odma_pgtable_iova_to_phys(fx->pgt, iova) !=
			    odma_pgt_phys(fx) + (iova - odma_pgt_iova(fx)))
				odma_pgt_complain(fx, "a page of a group went");
			if (odma_pgt_unmap(fx, iova, page, 0) != page)
				odma_pgt_complain(fx, "a page of a group stays");
		}
	}
	complete(&racer->done);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static void odma_race_halves(struct odma_pgt *fx)
{
	struct odma_racer *racer = kunit_kzalloc(fx->test, 2 * sizeof(*racer),
						 GFP_KERNEL);
	size_t page = odma_pgt_leaf(fx, 3), group = odma_pgt_group(fx, 3);
	size_t all = ODMA_RACE_GROUPS * group;
	int i;

	KUNIT_ASSERT_NOT_NULL(fx->test, racer);
	KUNIT_ASSERT_EQ(fx->test, 0,
			odma_pgtable_map_pages(fx->pgt, odma_pgt_iova(fx),
					       odma_pgt_phys(fx), page,
					       all / page, ODMA_RW,
					       GFP_KERNEL));
	KUNIT_EXPECT_EQ(fx->test, odma_pgt_check(fx).hinted, all / page);
	for (i = 0; i < 2; i++) {
		racer[i].fx = fx;
		racer[i].id = i;
		odma_racer_start(&racer[i], odma_halver_thread, i);
	}
	for (i = 0; i < 2; i++) {
		wait_for_completion(&racer[i].done);
		kthread_stop(racer[i].task);
	}
	KUNIT_EXPECT_EQ(fx->test, odma_pgt_check(fx).leaves, 0);
}

static void odma_race_groups(struct kunit *test)
{
	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	odma_race_halves(test->priv);
}

/* A page of the group that another CPU's unmap is just taking apart. */
static void odma_break_other(struct odma_pgt *fx,
			     const struct odma_pgt_flush *flush)
{
	size_t page = odma_pgt_leaf(fx, 3), group = odma_pgt_group(fx, 3);

	fx->bystander = NULL;
	if (!(fx->cfg.quirks & ODMA_PGT_BBML))
		return;
	if (odma_pgt_unmap(fx, odma_pgt_iova(fx) + group / 2, page, 0) != page)
		odma_pgt_complain(fx, "the other half can't be unmapped");
}

/* In the middle of breaking up a group, with what may happen live. */
static void odma_race_in_group(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), group = odma_pgt_group(fx, 3);
	u64 iova = odma_pgt_iova(fx);

	odma_pgt_remake(fx, ODMA_PGT_BBML);
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova, 0, group));
	fx->bystander = odma_break_other;
	KUNIT_EXPECT_EQ(test, page, odma_pgt_unmap(fx, iova, page, 0));
	if (fx->bystander) {
		/* It took no invalidation: then it is the other's turn now. */
		fx->bystander = NULL;
		KUNIT_EXPECT_EQ(test, page,
				odma_pgt_unmap(fx, iova + group / 2, page, 0));
	}
	odma_pgt_expect_clear(fx, iova, page);
	odma_pgt_expect(fx, iova + page, page, group / 2 - page);
	odma_pgt_expect_clear(fx, iova + group / 2, page);
	odma_pgt_expect(fx, iova + group / 2 + page, group / 2 + page,
			group / 2 - page);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).hinted, 0);
}

#define ODMA_RACE_BLOCKS	4000
#define ODMA_RACE_PERIOD	(20 * NSEC_PER_USEC * ODMA_PGT_SCALE)

/**
 * struct odma_interrupter - maps a page beside the one that is being mapped
 * @fx:		the tables
 * @timer:	when, which is anywhere between two instructions
 * @block:	in which block pages are mapped now
 * @made:	the blocks where it has been done
 */
struct odma_interrupter {
	struct odma_pgt *fx;
	struct hrtimer timer;
	unsigned int block;
	DECLARE_BITMAP(made, ODMA_RACE_BLOCKS);
};

static u64 odma_interrupted_iova(const struct odma_pgt *fx, unsigned int block)
{
	return odma_pgt_iova(fx) + (u64)block * odma_pgt_leaf(fx, 2);
}

static enum hrtimer_restart odma_interrupt(struct hrtimer *timer)
{
	struct odma_interrupter *it = container_of(timer, typeof(*it), timer);
	unsigned int block = READ_ONCE(it->block);
	struct odma_pgt *fx = it->fx;
	size_t page = odma_pgt_leaf(fx, 3);

	if (!__test_and_set_bit(block, it->made) &&
	    odma_pgtable_map(fx->pgt, odma_interrupted_iova(fx, block) + page,
			     page, page, ODMA_RW, GFP_ATOMIC))
		odma_pgt_complain(fx, "a page can't be mapped in an interrupt");
	/* Leave some time between two of them. */
	hrtimer_forward_now(timer, ns_to_ktime(ODMA_RACE_PERIOD));
	return HRTIMER_RESTART;
}

/*
 * In each block a page, which takes a new table; and at any instruction of that
 * an interrupt may come and do the same.
 */
static void odma_race_interrupted(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	struct odma_interrupter *it = kunit_kzalloc(test, sizeof(*it),
						    GFP_KERNEL);
	size_t page = odma_pgt_leaf(fx, 3);
	unsigned int i, lost = 0;

	KUNIT_ASSERT_NOT_NULL(test, it);
	it->fx = fx;
	hrtimer_init(&it->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	it->timer.function = odma_interrupt;
	hrtimer_start(&it->timer, ns_to_ktime(ODMA_RACE_PERIOD),
		      HRTIMER_MODE_REL_PINNED);
	for (i = 0; i < ODMA_RACE_BLOCKS; i++) {
		WRITE_ONCE(it->block, i);
		lost += !!odma_pgt_map(fx, odma_interrupted_iova(fx, i), 0,
				       page);
	}
	hrtimer_cancel(&it->timer);
	for (i = 0; i < ODMA_RACE_BLOCKS; i++)
		lost += !odma_pgt_is_mapped(fx, odma_interrupted_iova(fx, i), 0,
					    test_bit(i, it->made) ? 2 * page :
					    page, ODMA_RW);
	KUNIT_EXPECT_EQ(test, lost, 0);
	KUNIT_EXPECT_GT(test, bitmap_weight(it->made, ODMA_RACE_BLOCKS), 0);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, ODMA_RACE_BLOCKS +
			bitmap_weight(it->made, ODMA_RACE_BLOCKS));
}

#define ODMA_TWICE_ROUNDS	(100000 / ODMA_PGT_SCALE)
#define ODMA_TWICE_ENOUGH	(4000 / ODMA_PGT_SCALE)
#define ODMA_TWICE_PAGES	64

/**
 * struct odma_doubler - undoes what is being undone
 * @fx:		the tables
 * @timer:	when, which is anywhere between two instructions
 * @armed:	it is being undone now
 * @pages:	how many pages of it
 * @undone:	and how many it found
 * @met:	how often it came in between
 */
struct odma_doubler {
	struct odma_pgt *fx;
	struct hrtimer timer;
	bool armed;
	unsigned int pages;
	u64 undone;
	unsigned int met;
};

static enum hrtimer_restart odma_undo_again(struct hrtimer *timer)
{
	struct odma_doubler *it = container_of(timer, typeof(*it), timer);
	struct odma_gather gather = ODMA_GATHER_EMPTY;
	struct odma_pgt *fx = it->fx;
	ssize_t ret;

	if (READ_ONCE(it->armed)) {
		ret = odma_pgtable_unmap(fx->pgt, odma_pgt_iova(fx),
					 it->pages * odma_pgt_leaf(fx, 3), 0,
					 &gather);
		it->undone += max_t(ssize_t, ret, 0);
		it->met++;
	}
	hrtimer_forward_now(timer, ns_to_ktime(ODMA_RACE_PERIOD));
	return HRTIMER_RESTART;
}

/* Pages and as many neighbours: counted twice, they would be all of a table. */
static void odma_undo_round(struct odma_doubler *it, unsigned int pages)
{
	struct odma_pgt *fx = it->fx;
	size_t size = pages * odma_pgt_leaf(fx, 3);
	struct odma_gather gather = ODMA_GATHER_EMPTY;
	u64 iova = odma_pgt_iova(fx);
	ssize_t ret;

	if (odma_pgtable_map(fx->pgt, iova, 0, size, ODMA_RW, GFP_KERNEL))
		odma_pgt_complain(fx, "it can't be mapped any more");
	it->undone = 0;
	it->pages = pages;
	WRITE_ONCE(it->armed, true);
	ret = odma_pgtable_unmap(fx->pgt, iova, size, 0, &gather);
	WRITE_ONCE(it->armed, false);
	if (it->undone + max_t(ssize_t, ret, 0) < size)
		odma_pgt_complain(fx, "not each page was undone");
}

/* Two who undo the same at once: a driver's bug, which harms nobody else. */
static void odma_race_twice(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	struct odma_doubler *it = kunit_kzalloc(test, sizeof(*it), GFP_KERNEL);
	size_t page = odma_pgt_leaf(fx, 3), size = ODMA_TWICE_PAGES * page;
	u64 iova = odma_pgt_iova(fx);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, it);
	odma_pgt_remake(fx, ODMA_PGT_NO_CONT);
	KUNIT_EXPECT_EQ(test, 0, odma_pgtable_map_pages(fx->pgt, iova + size,
							size, page,
							ODMA_TWICE_PAGES,
							ODMA_RW, GFP_KERNEL));
	it->fx = fx;
	hrtimer_init(&it->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	it->timer.function = odma_undo_again;
	/* The interrupt is to come where it is being undone. */
	migrate_disable();
	hrtimer_start(&it->timer, ns_to_ktime(ODMA_RACE_PERIOD),
		      HRTIMER_MODE_REL_PINNED);
	for (i = 0; i < ODMA_TWICE_ROUNDS && it->met < ODMA_TWICE_ENOUGH;
	     i++) {
		odma_undo_round(it, i % 4 ? ODMA_TWICE_PAGES : 1);
		if (!(i % 64))
			odma_pgtable_reclaim(fx->pgt);
	}
	hrtimer_cancel(&it->timer);
	migrate_enable();
	KUNIT_EXPECT_GT(test, it->met, 0);
	odma_pgtable_reclaim(fx->pgt);
	odma_pgt_expect(fx, iova + size, size, size);
	KUNIT_EXPECT_EQ(test, size, odma_pgt_unmap(fx, iova + size, size, 0));
	odma_pgtable_reclaim(fx->pgt);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).tables, 1);
}

/* The slot of the last table on the way to an address. */
static u64 *odma_race_slot(struct odma_pgt *fx, u64 iova)
{
	struct odma_pgtable *pgt = fx->pgt;
	struct odma_place at;
	bool found;

	rcu_read_lock();
	found = odma_walk_down(pgt, iova - pgt->base, ODMA_LAST_LEVEL, &at);
	rcu_read_unlock();
	KUNIT_ASSERT_TRUE(fx->test, found);
	return at.slot;
}

/* Whatever a count says, what is mapped stays: reclaim looks. */
static void odma_race_low_count(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3);
	u64 iova = odma_pgt_iova(fx), *slot, desc;

	KUNIT_ASSERT_EQ(test, 0, odma_pgt_map(fx, iova, 0, page));
	/* As two who undo parts of the same at once leave it. */
	slot = odma_race_slot(fx, iova);
	desc = READ_ONCE(*slot);
	WRITE_ONCE(*slot, odma_desc_sub(desc, 1));
	KUNIT_EXPECT_EQ(test, 0, odma_pgtable_reclaim(fx->pgt));
	odma_pgt_expect(fx, iova, 0, page);
	KUNIT_EXPECT_EQ(test, page, odma_pgt_unmap(fx, iova, page, 0));
	KUNIT_EXPECT_EQ(test, 0, odma_desc_count(READ_ONCE(*slot)));
	odma_pgtable_reclaim(fx->pgt);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).tables, 1);
}

static struct kunit_case odma_pgtable_race_cases[] = {
	KUNIT_CASE_PARAM(odma_race_both_win, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_race_both_win_uncached, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_race_neighbours, odma_pgt_granules),
	KUNIT_CASE_PARAM(odma_race_neighbours_uncached, odma_pgt_granules),
	KUNIT_CASE_PARAM(odma_race_groups, odma_pgt_granules),
	KUNIT_CASE(odma_race_interrupted),
	KUNIT_CASE_PARAM(odma_race_twice, odma_pgt_granules),
	KUNIT_CASE_PARAM(odma_race_low_count, odma_pgt_granules),
	KUNIT_CASE_PARAM(odma_race_in_group, odma_pgt_granules),
	{}
};

struct kunit_suite odma_pgtable_race_suite = {
	.name = "odma-pgtable-race",
	.suite_init = odma_begin_suite,
	.init = odma_pgt_init,
	.exit = odma_pgt_exit,
	.test_cases = odma_pgtable_race_cases,
};
