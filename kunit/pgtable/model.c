// SPDX-License-Identifier: GPL-2.0
/*
 * A long series of random calls, against a model: a maple tree that says of
 * each interval of pages which mapping it belongs to. Whatever a call returns,
 * and all that can be looked up after it, has to be what the model says.
 */
#include <linux/maple_tree.h>
#include <linux/prandom.h>
#include "../shared/fixture.h"
#include "fixture.h"
#include "../suites.h"

/* Of all eight shapes together. */
#define ODMA_MODEL_STEPS	(1000000 / ODMA_PGT_SCALE)
#define ODMA_MODEL_SHAPES	8
/* After so many the whole of the tables is compared. */
#define ODMA_MODEL_PERIOD	(ODMA_MODEL_STEPS / ODMA_MODEL_SHAPES / 5)

/* Addresses in use: a few blocks, so that calls meet each other. */
#define ODMA_MODEL_BLOCKS	6

/**
 * struct odma_model - tables and what they ought to be
 * @fx:		the tables
 * @tree:	from a page's number to a value that tells where its memory is:
 *		the number of the page that page 0 would have, and permissions
 * @rnd:	what happens next
 * @page:	bytes of a page
 * @block:	bytes of a block
 * @pages:	how many of them are in use
 * @mapped:	how many are mapped
 * @maps:	calls that mapped something
 * @exists:	calls that were refused as something was there
 * @unmaps:	calls that unmapped something
 * @cuts:	calls that were refused as a block would be cut
 * @wrong:	what was found, or NULL
 * @step:	in which step
 */
struct odma_model {
	struct odma_pgt *fx;
	struct maple_tree tree;
	struct rnd_state rnd;
	size_t page;
	size_t block;
	unsigned long pages;
	unsigned long mapped;
	int maps;
	int exists;
	int unmaps;
	int cuts;
	const char *wrong;
	int step;
};

static const unsigned int odma_model_prots[] = {
	ODMA_READ | ODMA_WRITE | ODMA_CACHED,
	ODMA_READ | ODMA_CACHED,
	ODMA_READ | ODMA_WRITE,
	ODMA_READ | ODMA_WRITE | ODMA_DEVICE | ODMA_NOEXEC,
};

static u32 odma_model_draw(struct odma_model *m, u32 sides)
{
	return prandom_u32_state(&m->rnd) % sides;
}

static void odma_model_expect(struct odma_model *m, bool ok, const char *what)
{
	if (!ok && !m->wrong)
		m->wrong = what;
}

static u64 odma_model_iova(const struct odma_model *m, unsigned long at)
{
	return odma_pgt_iova(m->fx) + (u64)at * m->page;
}

/* Two mappings of different memory never have the same value. */
static void *odma_model_value(unsigned long at, unsigned long frame,
			      unsigned int prot)
{
	return xa_mk_value((frame - at) * ARRAY_SIZE(odma_model_prots) + prot);
}

static phys_addr_t odma_model_phys(const struct odma_model *m, void *value,
				   unsigned long at)
{
	unsigned long first = xa_to_value(value) / ARRAY_SIZE(odma_model_prots);

	return (phys_addr_t)(first + at) * m->page;
}

static unsigned int odma_model_prot(void *value)
{
	return odma_model_prots[xa_to_value(value) %
				ARRAY_SIZE(odma_model_prots)];
}

/* The interval that holds a page, or the hole. */
static void *odma_model_find(struct odma_model *m, unsigned long at,
			     unsigned long *last)
{
	MA_STATE(mas, &m->tree, at, at);
	void *value;

	rcu_read_lock();
	value = mas_walk(&mas);
	*last = min(mas.last, m->pages - 1);
	rcu_read_unlock();
	return value;
}

static unsigned long odma_model_count(struct odma_model *m, unsigned long at,
				      unsigned long n)
{
	unsigned long end = at + n, last, count = 0;

	for (; at < end; at = last + 1) {
		if (odma_model_find(m, at, &last))
			count += min(last, end - 1) - at + 1;
	}
	return count;
}

/* How many pages in a row are mapped. */
static unsigned long odma_model_run(struct odma_model *m, unsigned long at,
				    unsigned long n)
{
	unsigned long end = at + n, next = at, last;

	while (next < end && odma_model_find(m, next, &last))
		next = last + 1;
	return min(next, end) - at;
}

static void odma_model_store(struct odma_model *m, unsigned long at,
			     unsigned long n, void *value)
{
	m->mapped -= odma_model_count(m, at, n);
	m->mapped += value ? n : 0;
	odma_model_expect(m, !mtree_store_range(&m->tree, at, at + n - 1, value,
						GFP_KERNEL),
			  "no memory for the model");
}

/* Mostly small; blocks and more now and then, often where they fit. */
static unsigned long odma_model_range(struct odma_model *m, unsigned long *n)
{
	unsigned long per_block = m->block / m->page, at;

	switch (odma_model_draw(m, 16)) {
	case 0:
		*n = per_block * (1 + odma_model_draw(m, 2));
		at = odma_model_draw(m, m->pages) & ~(per_block - 1);
		break;
	case 1:
		*n = 1 + odma_model_draw(m, per_block / 2);
		at = odma_model_draw(m, m->pages);
		break;
	case 2 ... 4:
		*n = odma_pgt_group(m->fx, 3) / m->page;
		at = odma_model_draw(m, m->pages) & ~(*n - 1);
		break;
	default:
		*n = 1 + odma_model_draw(m, 12);
		at = odma_model_draw(m, m->pages);
	}
	*n = min(*n, m->pages - at);
	return at;
}

/* Memory as aligned as the address is, or not; never below page 0's. */
static unsigned long odma_model_frame(struct odma_model *m, unsigned long at)
{
	unsigned long frame = at + m->pages;

	frame += (unsigned long)odma_model_draw(m, 64) * m->block / m->page;
	if (odma_model_draw(m, 4) == 0)
		frame += odma_model_draw(m, 1000);
	return frame;
}

static void odma_model_map(struct odma_model *m)
{
	unsigned long n, at = odma_model_range(m, &n);
	unsigned long frame = odma_model_frame(m, at);
	unsigned int prot = odma_model_draw(m, ARRAY_SIZE(odma_model_prots));
	bool there = odma_model_count(m, at, n);
	int ret;

	ret = odma_pgtable_map(m->fx->pgt, odma_model_iova(m, at),
			       (phys_addr_t)frame * m->page, n * m->page,
			       odma_model_prots[prot], GFP_KERNEL);
	odma_model_expect(m, ret == (there ? -EEXIST : 0), "what map returned");
	if (ret) {
		m->exists++;
		return;
	}
	m->maps++;
	odma_model_store(m, at, n, odma_model_value(at, frame, prot));
}

/* Does a leaf reach over this border? A group of leaves may. */
static bool odma_model_cuts(struct odma_model *m, unsigned long at)
{
	u64 iova = odma_model_iova(m, at);
	struct odma_walk r;

	return at < m->pages && !odma_walk(&m->fx->walker, iova, &r) &&
	       r.iova != iova;
}

/*
 * A block at the end that lies behind a hole need not be looked at: either it
 * is refused, or what is in front of the hole is unmapped.
 */
static void odma_model_unmap(struct odma_model *m)
{
	unsigned long n, at = odma_model_range(m, &n), run, last;
	unsigned int flags = odma_model_draw(m, 4);
	bool cuts = !(flags & ODMA_UNMAP_SPLIT) &&
		(odma_model_cuts(m, at) || odma_model_cuts(m, at + n));
	struct odma_gather gather = ODMA_GATHER_EMPTY;
	u64 iova = odma_model_iova(m, at);
	ssize_t done, all;

	done = odma_pgtable_unmap(m->fx->pgt, iova, n * m->page, flags,
				  &gather);
	if (done == -EINVAL) {
		odma_model_expect(m, cuts, "unmap refused");
		m->cuts++;
		return;
	}
	run = flags & ODMA_UNMAP_SPARSE ? n : odma_model_run(m, at, n);
	odma_model_expect(m, !cuts || run < n, "unmap cut a block");
	all = odma_model_count(m, at, run) * m->page;
	odma_model_expect(m, done == all, "what unmap returned");
	if (done <= 0)
		return;
	m->unmaps++;
	/* From the first page that was mapped to the last one. */
	if (!odma_model_find(m, at, &last))
		iova = odma_model_iova(m, last + 1);
	odma_model_expect(m, gather.start <= iova, "the gather's start");
	odma_model_expect(m, gather.last + 1 >= iova + m->page,
			  "the gather's end");
	odma_model_store(m, at, run, NULL);
}

static void odma_model_check_page(struct odma_model *m, unsigned long at)
{
	u64 inside = odma_model_draw(m, m->page);
	u64 iova = odma_model_iova(m, at) + inside;
	phys_addr_t phys = PHYS_ADDR_MAX;
	struct odma_walk r;
	void *value;
	int ret;

	value = mtree_load(&m->tree, at);
	ret = odma_walk(&m->fx->walker, iova, &r);
	if (value) {
		phys = odma_model_phys(m, value, at) + inside;
		odma_model_expect(m, !ret && r.phys == phys &&
				  r.prot == odma_model_prot(value),
				  "what hardware finds");
	} else {
		odma_model_expect(m, ret == -ENOENT, "hardware finds too much");
	}
	odma_model_expect(m, odma_pgtable_iova_to_phys(m->fx->pgt, iova) ==
			  phys, "what a lookup finds");
}

/* Each leaf lies in one interval, and all together are all that is mapped. */
static int odma_model_leaf(const struct odma_leaf *leaf, void *data)
{
	struct odma_model *m = data;
	unsigned long at = (leaf->iova - odma_pgt_iova(m->fx)) / m->page, last;
	void *value = odma_model_find(m, at, &last);

	if (!value || leaf->phys != odma_model_phys(m, value, at) ||
	    at + leaf->size / m->page - 1 > last ||
	    leaf->prot != odma_model_prot(value))
		odma_model_expect(m, false, "a leaf in the list");
	return 0;
}

static void odma_model_compare(struct odma_model *m)
{
	struct odma_walker_check check = odma_pgt_check(m->fx);

	odma_model_expect(m, !check.wrong, check.wrong);
	odma_model_expect(m, check.bytes == (u64)m->mapped * m->page,
			  "how much is mapped");
	odma_pgtable_for_each(m->fx->pgt, odma_model_leaf, m);
}

static void odma_model_step(struct odma_model *m)
{
	switch (odma_model_draw(m, 8)) {
	case 0 ... 1:
		odma_model_map(m);
		break;
	case 2 ... 3:
		odma_model_unmap(m);
		break;
	default:
		odma_model_check_page(m, odma_model_draw(m, m->pages));
	}
	if (odma_model_draw(m, 512) == 0)
		odma_pgtable_reclaim(m->fx->pgt);
}

static void odma_model_run_all(struct odma_model *m, int steps)
{
	for (m->step = 0; m->step < steps && !m->wrong; m->step++) {
		odma_model_step(m);
		if (m->step % ODMA_MODEL_PERIOD == 0)
			odma_model_compare(m);
		if (m->step % 64 == 0)
			cond_resched();
	}
	if (!m->wrong)
		odma_model_compare(m);
}

static void odma_model_end(struct odma_model *m)
{
	struct kunit *test = m->fx->test;
	u64 bytes = (u64)m->mapped * m->page;

	KUNIT_EXPECT_NULL_MSG(test, m->wrong, "step %d: %s", m->step,
			      m->wrong ?: "");
	KUNIT_EXPECT_GT(test, m->maps, m->step / 40);
	KUNIT_EXPECT_GT(test, m->exists, m->step / 200);
	KUNIT_EXPECT_GT(test, m->unmaps, m->step / 40);
	KUNIT_EXPECT_GT(test, m->cuts, 0);
	KUNIT_EXPECT_EQ(test, bytes,
			odma_pgt_unmap(m->fx, odma_pgt_iova(m->fx),
				       m->pages * m->page, ODMA_UNMAP_SPARSE));
	odma_pgtable_reclaim(m->fx->pgt);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(m->fx).tables, 1);
	mtree_destroy(&m->tree);
}

static void odma_model_random(struct kunit *test)
{
	struct odma_model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct odma_pgt *fx = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, m);
	m->fx = fx;
	m->page = odma_pgt_leaf(fx, 3);
	m->block = odma_pgt_leaf(fx, 2);
	m->pages = ODMA_MODEL_BLOCKS * m->block / m->page;
	mt_init(&m->tree);
	prandom_seed_state(&m->rnd, 0x70677401 + fx->cfg.granule_shift +
			   fx->cfg.stage);
	odma_model_run_all(m, ODMA_MODEL_STEPS / ODMA_MODEL_SHAPES);
	odma_model_end(m);
}

/* Without the hint, and where entries may change their size live. */
static void odma_model_random_live(struct kunit *test)
{
	odma_pgt_remake(test->priv, ODMA_PGT_BBML);
	odma_model_random(test);
}

static void odma_model_random_plain(struct kunit *test)
{
	odma_pgt_remake(test->priv, ODMA_PGT_NO_CONT);
	odma_model_random(test);
}

static struct kunit_case odma_pgtable_model_cases[] = {
	KUNIT_CASE_PARAM(odma_model_random, odma_pgt_some),
	KUNIT_CASE(odma_model_random_live),
	KUNIT_CASE(odma_model_random_plain),
	{}
};

struct kunit_suite odma_pgtable_model_suite = {
	.name = "odma-pgtable-model",
	.suite_init = odma_begin_suite,
	.init = odma_pgt_init,
	.exit = odma_pgt_exit,
	.test_cases = odma_pgtable_model_cases,
};
