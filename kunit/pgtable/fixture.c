// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables under test: where their memory comes from and goes to, and what
 * an IOMMU behind them would be told.
 *
 * A table has to be out of reach when a TLB is told to forget tables, and only
 * then it may be freed. That is seen here: each invalidation looks which tables
 * can be reached at that time.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "../shared/fixture.h"
#include "fixture.h"

/* What a walker finds in memory that nobody has written to. */
#define ODMA_PGT_POISON	0xfdfdfdfdfdfdfdfdULL
/* Behind a table that is smaller than a page, and in a freed one. */
#define ODMA_PGT_BEHIND	0x5a
#define ODMA_PGT_FREED	0xdb

/**
 * struct odma_pgt_table - memory of a table
 * @cpu:	where it is
 * @size:	as it was asked for
 * @memory:	its content as far as it was written back
 * @iova:	what it translates, when it was last seen
 * @span:	bytes of that; 0: it has not been seen
 * @within:	it can be reached
 * @flushed:	an invalidation of it has found it out of reach
 */
struct odma_pgt_table {
	void *cpu;
	size_t size;
	u64 *memory;
	u64 iova;
	u64 span;
	bool within;
	bool flushed;
};

#define ODMA_SHAPES(stage, quirks)					\
	{ stage, 12, 32, 0, quirks }, { stage, 12, 36, 0, quirks },	\
	{ stage, 12, 40, 0, quirks }, { stage, 12, 42, 0, quirks },	\
	{ stage, 12, 44, 0, quirks }, { stage, 12, 48, 0, quirks },	\
	{ stage, 14, 32, 0, quirks }, { stage, 14, 36, 0, quirks },	\
	{ stage, 14, 40, 0, quirks }, { stage, 14, 42, 0, quirks },	\
	{ stage, 14, 44, 0, quirks }, { stage, 14, 48, 0, quirks },	\
	{ stage, 16, 32, 0, quirks }, { stage, 16, 36, 0, quirks },	\
	{ stage, 16, 40, 0, quirks }, { stage, 16, 42, 0, quirks },	\
	{ stage, 16, 44, 0, quirks }, { stage, 16, 48, 0, quirks },	\
	{ stage, 16, 52, 0, quirks }

static const struct odma_pgt_shape odma_pgt_shapes[] = {
	ODMA_SHAPES(ODMA_STAGE_1, 0),
	ODMA_SHAPES(ODMA_STAGE_2, 0),
	ODMA_SHAPES(ODMA_STAGE_1, ODMA_PGT_TTBR1),
};

/* Where memory accesses are slow, the least and the largest sizes must do. */
static bool odma_pgt_is_wanted(const struct odma_pgt_shape *shape)
{
	return ODMA_PGT_SCALE == 1 || shape->ias % 16 == 0 || shape->ias == 52;
}

/* One of each granule and stage; 40 bits make stage 2 concatenate tables. */
static bool odma_pgt_is_usual(const struct odma_pgt_shape *shape)
{
	if (shape->quirks)
		return false;
	if (shape->stage == ODMA_STAGE_2)
		return shape->ias == 40;
	return shape->ias == (shape->granule_shift == 16 ? 52 : 48);
}

static bool odma_pgt_is_an_end(const struct odma_pgt_shape *shape)
{
	return odma_pgt_is_usual(shape) || (shape->quirks && shape->ias == 48);
}

static bool odma_pgt_is_a_granule(const struct odma_pgt_shape *shape)
{
	return odma_pgt_is_usual(shape) && shape->stage == ODMA_STAGE_1;
}

static const void *odma_pgt_next(const struct odma_pgt_shape *prev, char *desc,
				 bool (*wanted)(const struct odma_pgt_shape *))
{
	const struct odma_pgt_shape *shape = prev ? prev + 1 : odma_pgt_shapes;
	const struct odma_pgt_shape *end = odma_pgt_shapes +
					   ARRAY_SIZE(odma_pgt_shapes);

	while (shape < end && !wanted(shape))
		shape++;
	if (shape == end)
		return NULL;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "stage %d%s, %d KiB, %d bits",
		 shape->stage == ODMA_STAGE_1 ? 1 : 2,
		 shape->quirks & ODMA_PGT_TTBR1 ? " upper" : "",
		 1 << (shape->granule_shift - 10), shape->ias);
	return shape;
}

const void *odma_pgt_all(const void *prev, char *desc)
{
	return odma_pgt_next(prev, desc, odma_pgt_is_wanted);
}

const void *odma_pgt_some(const void *prev, char *desc)
{
	return odma_pgt_next(prev, desc, odma_pgt_is_usual);
}

const void *odma_pgt_ends(const void *prev, char *desc)
{
	return odma_pgt_next(prev, desc, odma_pgt_is_an_end);
}

const void *odma_pgt_granules(const void *prev, char *desc)
{
	return odma_pgt_next(prev, desc, odma_pgt_is_a_granule);
}

/* From any context: the first complaint is the one that is reported. */
void odma_pgt_complain(struct odma_pgt *fx, const char *wrong)
{
	if (!fx->wrong)
		fx->wrong = wrong;
}

/* Tables are found by each of their pages. */
static struct odma_pgt_table *odma_pgt_find(struct odma_pgt *fx,
					    phys_addr_t at)
{
	return xa_load(&fx->tables, PHYS_PFN(at));
}

static bool odma_pgt_record(struct odma_pgt *fx, struct odma_pgt_table *table,
			    struct odma_pgt_table *value)
{
	unsigned long first = PHYS_PFN(virt_to_phys(table->cpu));
	unsigned long n = PAGE_ALIGN(table->size) / PAGE_SIZE, i, flags;
	bool ok = true;

	xa_lock_irqsave(&fx->tables, flags);
	for (i = 0; i < n; i++)
		ok &= !xa_err(__xa_store(&fx->tables, first + i, value,
					 GFP_ATOMIC));
	xa_unlock_irqrestore(&fx->tables, flags);
	return ok;
}

static bool odma_pgt_to_fail(struct odma_pgt *fx)
{
	int n = atomic_inc_return(&fx->allocs);

	if (!fx->fail_at)
		return false;
	return fx->fail_on ? n >= fx->fail_at : n == fx->fail_at;
}

static void odma_pgt_drop(struct odma_pgt_table *table)
{
	if (table->cpu)
		free_pages((unsigned long)table->cpu, get_order(table->size));
	kfree(table->memory);
	kfree(table);
}

static struct odma_pgt_table *odma_pgt_new_table(struct odma_pgt *fx,
						 size_t size, gfp_t gfp)
{
	struct odma_pgt_table *table = kzalloc(sizeof(*table), gfp);

	if (!table)
		return NULL;
	table->size = size;
	table->cpu = (void *)__get_free_pages(gfp | __GFP_ZERO,
					      get_order(size));
	if (fx->cfg.quirks & ODMA_PGT_NONCOHERENT)
		table->memory = kmalloc(size, gfp);
	if (!table->cpu ||
	    (fx->cfg.quirks & ODMA_PGT_NONCOHERENT && !table->memory)) {
		odma_pgt_drop(table);
		return NULL;
	}
	if (table->memory)
		memset64(table->memory, ODMA_PGT_POISON, size / sizeof(u64));
	if (size < PAGE_SIZE)
		memset(table->cpu + size, ODMA_PGT_BEHIND, PAGE_SIZE - size);
	return table;
}

static void odma_pgt_call(struct odma_pgt *fx, void (*fn)(struct odma_pgt *fx))
{
	if (!fn || fx->inside)
		return;
	fx->inside = true;
	fn(fx);
	fx->inside = false;
}

static void *odma_pgt_alloc(void *cookie, size_t size, gfp_t gfp)
{
	struct odma_pgt *fx = cookie;
	struct odma_pgt_table *table;

	might_sleep_if(gfpflags_allow_blocking(gfp));
	fx->gfp = gfp;
	if (!is_power_of_2(size) || size < sizeof(u64) || size > SZ_1M)
		odma_pgt_complain(fx, "a table of an odd size was asked for");
	if (odma_pgt_to_fail(fx)) {
		atomic_inc(&fx->failed);
		return NULL;
	}
	odma_pgt_call(fx, fx->intruder);
	table = odma_pgt_new_table(fx, size, gfp);
	if (!table)
		return NULL;
	if (!odma_pgt_record(fx, table, table)) {
		odma_pgt_drop(table);
		return NULL;
	}
	atomic_inc(&fx->live);
	return table->cpu;
}

static bool odma_pgt_in_order(const struct odma_pgt *fx,
			      const struct odma_pgt_table *table)
{
	/* A table that nobody ever saw lost a race, or wasn't needed. */
	return !fx->watch || fx->ending || !table->span ||
	       (!table->within && table->flushed);
}

static void odma_pgt_free(void *cookie, void *cpu, size_t size)
{
	struct odma_pgt *fx = cookie;
	struct odma_pgt_table *table = odma_pgt_find(fx, virt_to_phys(cpu));

	if (!table || table->cpu != cpu || table->size != size) {
		odma_pgt_complain(fx, "what was freed is no table");
		return;
	}
	if (!odma_pgt_in_order(fx, table))
		odma_pgt_complain(fx, "a table was freed before the flush");
	if (size < PAGE_SIZE &&
	    memchr_inv(cpu + size, ODMA_PGT_BEHIND, PAGE_SIZE - size))
		odma_pgt_complain(fx, "somebody wrote behind a table");
	memset(cpu, ODMA_PGT_FREED, size);
	odma_pgt_record(fx, table, NULL);
	odma_pgt_drop(table);
	atomic_dec(&fx->live);
}

/* Word by word, and one CPU at a time, so that nothing old comes after new. */
static void odma_pgt_clean(void *cookie, void *cpu, size_t size)
{
	struct odma_pgt *fx = cookie;
	struct odma_pgt_table *table = odma_pgt_find(fx, virt_to_phys(cpu));
	size_t offset, i;
	unsigned long flags;

	if (!table || !table->memory) {
		odma_pgt_complain(fx, "what was written back is no table");
		return;
	}
	offset = cpu - table->cpu;
	if (offset + size > table->size || offset % sizeof(u64)) {
		odma_pgt_complain(fx, "it wasn't a table that was cleaned");
		return;
	}
	spin_lock_irqsave(&fx->lock, flags);
	for (i = offset / sizeof(u64); i * sizeof(u64) < offset + size; i++)
		WRITE_ONCE(table->memory[i],
			   READ_ONCE(((u64 *)table->cpu)[i]));
	spin_unlock_irqrestore(&fx->lock, flags);
	odma_pgt_call(fx, fx->cleaned);
}

/* For a walker that doesn't see the CPU's caches. */
static u64 odma_pgt_read_memory(void *data, phys_addr_t at)
{
	struct odma_pgt_table *table = odma_pgt_find(data, at);
	size_t offset;

	if (!table || !table->memory)
		return ODMA_PGT_POISON;
	offset = at - virt_to_phys(table->cpu);
	return offset < table->size ?
		READ_ONCE(table->memory[offset / sizeof(u64)]) :
		ODMA_PGT_POISON;
}

static bool odma_pgt_visit(void *data, phys_addr_t at, size_t size, u64 iova,
			   u64 span)
{
	struct odma_pgt_table *table = odma_pgt_find(data, at);

	/* The first table may be smaller than what can be allocated. */
	if (!table || virt_to_phys(table->cpu) != at || table->size < size ||
	    table->within)
		return false;
	table->within = true;
	table->flushed = false;
	table->iova = iova;
	table->span = span;
	return true;
}

static struct odma_walker_check odma_pgt_look(struct odma_pgt *fx, bool quiet)
{
	struct odma_walker_check check = {
		.counts = quiet,
		.visit = odma_pgt_visit,
		.data = fx,
	};
	struct odma_pgt_table *table;
	unsigned long at;

	xa_for_each(&fx->tables, at, table)
		table->within = false;
	odma_walker_check(&fx->walker, &check);
	return check;
}

/*
 * In the middle of a change the counts say nothing, and entries may be on their
 * way out: only what can be reached is of interest.
 */
void odma_pgt_scan(struct odma_pgt *fx)
{
	struct odma_walker_check reach = {
		.loose = true,
		.visit = odma_pgt_visit,
		.data = fx,
	};
	struct odma_pgt_table *table;
	unsigned long at;

	xa_for_each(&fx->tables, at, table)
		table->within = false;
	if (!odma_walker_check(&fx->walker, &reach))
		odma_pgt_complain(fx, reach.wrong);
}

static bool odma_pgt_flush_covers(const struct odma_pgt_flush *flush,
				  const struct odma_pgt_table *table)
{
	if (flush->all)
		return true;
	/* Table entries above it are remembered by each address below them. */
	return flush->tables && flush->iova <= table->iova &&
	       flush->iova + (flush->size - 1) >=
	       table->iova + (table->span - 1);
}

static void odma_pgt_mark_flushed(struct odma_pgt *fx,
				  const struct odma_pgt_flush *flush)
{
	struct odma_pgt_table *table;
	unsigned long at;

	odma_pgt_scan(fx);
	xa_for_each(&fx->tables, at, table)
		if (table->span && !table->within &&
		    odma_pgt_flush_covers(flush, table))
			table->flushed = true;
}

static void odma_pgt_invalidate(struct odma_pgt *fx,
				struct odma_pgt_flush flush)
{
	if (fx->flushes < ODMA_PGT_FLUSHES)
		fx->flush[fx->flushes] = flush;
	fx->flushes++;
	if (fx->watch)
		odma_pgt_mark_flushed(fx, &flush);
	if (!fx->bystander || fx->inside)
		return;
	fx->inside = true;
	fx->bystander(fx, &flush);
	fx->inside = false;
}

static void odma_pgt_flush_range(void *cookie, u64 iova, size_t size,
				 size_t granule, bool tables)
{
	struct odma_pgt *fx = cookie;

	if (!size || !granule || !IS_ALIGNED(iova | size, odma_pgt_leaf(fx, 3)))
		odma_pgt_complain(fx, "an odd range was invalidated");
	odma_pgt_invalidate(fx, (struct odma_pgt_flush){
		.iova = iova,
		.size = size,
		.granule = granule,
		.tables = tables,
	});
}

static void odma_pgt_flush_all(void *cookie)
{
	odma_pgt_invalidate(cookie, (struct odma_pgt_flush){ .all = true });
}

static const struct odma_tlb_ops odma_pgt_tlb = {
	.flush_range = odma_pgt_flush_range,
	.flush_all = odma_pgt_flush_all,
};

struct odma_pgtable_cfg odma_pgt_cfg(struct odma_pgt *fx,
				     const struct odma_pgt_shape *shape)
{
	return (struct odma_pgtable_cfg){
		.stage = shape->stage,
		.granule_shift = shape->granule_shift,
		.ias = shape->ias,
		.oas = shape->oas ?: shape->ias == 52 ? 52 : 48,
		.quirks = shape->quirks,
		.nid = NUMA_NO_NODE,
		.tlb = &odma_pgt_tlb,
		.alloc = odma_pgt_alloc,
		.free = odma_pgt_free,
		.clean = shape->quirks & ODMA_PGT_NONCOHERENT ?
			odma_pgt_clean : NULL,
		.cookie = fx,
	};
}

void odma_pgt_make(struct odma_pgt *fx, const struct odma_pgtable_cfg *cfg)
{
	fx->cfg = *cfg;
	fx->pgt = odma_pgtable_create(&fx->cfg);
	if (IS_ERR(fx->pgt)) {
		long err = PTR_ERR(fx->pgt);

		fx->pgt = NULL;
		KUNIT_FAIL(fx->test, "tables can't be made: %ld", err);
		return;
	}
	KUNIT_ASSERT_NOT_NULL(fx->test, fx->pgt);
	odma_pgtable_get_regs(fx->pgt, &fx->regs);
	KUNIT_ASSERT_EQ(fx->test, 0,
			odma_walker_init(&fx->walker, &fx->regs, cfg->stage));
	fx->walker.upper = cfg->quirks & ODMA_PGT_TTBR1;
	fx->memory = fx->walker;
	fx->memory.read = odma_pgt_read_memory;
	fx->memory.data = fx;
}

static void odma_pgt_free_rest(struct odma_pgt *fx)
{
	struct odma_pgt_table *table;
	unsigned long at;

	xa_for_each(&fx->tables, at, table) {
		odma_pgt_record(fx, table, NULL);
		odma_pgt_drop(table);
	}
	atomic_set(&fx->live, 0);
}

/* Every table has to have come back. */
void odma_pgt_destroy(struct odma_pgt *fx)
{
	fx->bystander = NULL;
	fx->intruder = NULL;
	fx->cleaned = NULL;
	fx->ending = true;
	if (fx->pgt)
		odma_pgtable_destroy(fx->pgt);
	fx->pgt = NULL;
	fx->ending = false;
	KUNIT_EXPECT_EQ(fx->test, 0, atomic_read(&fx->live));
	KUNIT_EXPECT_NULL_MSG(fx->test, fx->wrong, "%s", fx->wrong ?: "");
	fx->wrong = NULL;
	odma_pgt_free_rest(fx);
}

void odma_pgt_remake(struct odma_pgt *fx, unsigned long quirks)
{
	struct odma_pgtable_cfg cfg;
	struct odma_pgt_shape shape = {
		.stage = fx->cfg.stage,
		.granule_shift = fx->cfg.granule_shift,
		.ias = fx->cfg.ias,
		.oas = fx->cfg.oas,
		.quirks = quirks | (fx->cfg.quirks & ODMA_PGT_TTBR1),
	};

	odma_pgt_destroy(fx);
	cfg = odma_pgt_cfg(fx, &shape);
	odma_pgt_make(fx, &cfg);
	KUNIT_ASSERT_NOT_NULL(fx->test, fx->pgt);
}

int odma_pgt_bare_init(struct kunit *test)
{
	struct odma_pgt *fx = kunit_kzalloc(test, sizeof(*fx), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fx);
	test->priv = fx;
	fx->test = test;
	xa_init_flags(&fx->tables, XA_FLAGS_LOCK_IRQ);
	spin_lock_init(&fx->lock);
	return 0;
}

int odma_pgt_init(struct kunit *test)
{
	static const struct odma_pgt_shape usual = {
		ODMA_STAGE_1, 12, 48, 0, 0
	};
	struct odma_pgtable_cfg cfg;

	odma_pgt_bare_init(test);
	cfg = odma_pgt_cfg(test->priv, test->param_value ?: &usual);
	odma_pgt_make(test->priv, &cfg);
	KUNIT_ASSERT_NOT_NULL(test, ((struct odma_pgt *)test->priv)->pgt);
	return 0;
}

/* Those that can be reached are all there are, and they can be destroyed. */
void odma_pgt_exit(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;

	if (fx && fx->pgt) {
		fx->bystander = NULL;
		fx->intruder = NULL;
		odma_pgtable_reclaim(fx->pgt);
		KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).tables,
				atomic_read(&fx->live));
	}
	if (fx)
		odma_pgt_destroy(fx);
	odma_tally(test);
}

size_t odma_pgt_leaf(const struct odma_pgt *fx, u8 level)
{
	u8 shift = fx->cfg.granule_shift + (3 - level) *
		   (fx->cfg.granule_shift - 3);

	if (level < 1 || level < fx->regs.start_level ||
	    (level == 1 && fx->cfg.granule_shift != 12))
		return 0;
	return BIT_ULL(shift) <= odma_pgt_room(fx) ? BIT_ULL(shift) : 0;
}

size_t odma_pgt_group(const struct odma_pgt *fx, u8 level)
{
	size_t n = 0;

	switch (fx->cfg.granule_shift) {
	case 12:
		n = 16;
		break;
	case 14:
		n = level == 3 ? 128 : 32;
		break;
	case 16:
		n = 32;
	}
	n *= odma_pgt_leaf(fx, level);
	return n <= odma_pgt_room(fx) ? n : 0;
}

u64 odma_pgt_room(const struct odma_pgt *fx)
{
	return BIT_ULL(fx->cfg.ias - 1);
}

/* The upper half: half of all that is below the sign, and above it. */
u64 odma_pgt_iova(const struct odma_pgt *fx)
{
	if (fx->cfg.quirks & ODMA_PGT_TTBR1)
		return U64_MAX << (fx->cfg.ias - 1);
	return BIT_ULL(fx->cfg.ias - 1);
}

phys_addr_t odma_pgt_phys(const struct odma_pgt *fx)
{
	return BIT_ULL(fx->cfg.oas - 1);
}

size_t odma_pgt_fit(const struct odma_pgt *fx, u64 iova, phys_addr_t phys,
		    u64 left)
{
	size_t leaf;
	u8 level;

	for (level = 1; level < 3; level++) {
		leaf = odma_pgt_leaf(fx, level);
		if (leaf && leaf <= left && IS_ALIGNED(iova | phys, leaf))
			return leaf;
	}
	return odma_pgt_leaf(fx, 3);
}

int odma_pgt_map(struct odma_pgt *fx, u64 iova, phys_addr_t phys, size_t size)
{
	return odma_pgtable_map(fx->pgt, iova, phys, size, ODMA_RW, GFP_KERNEL);
}

/* What a backend does: unmap, then have it forgotten, once. */
ssize_t odma_pgt_unmap(struct odma_pgt *fx, u64 iova, size_t size,
		       unsigned int flags)
{
	struct odma_gather gather = ODMA_GATHER_EMPTY;
	ssize_t done = odma_pgtable_unmap(fx->pgt, iova, size, flags, &gather);

	if (done > 0 && !(flags & ODMA_UNMAP_SPARSE) &&
	    (gather.start > iova || gather.last < iova + (done - 1)))
		odma_pgt_complain(fx, "not all was gathered");
	return done;
}

void odma_pgt_forget(struct odma_pgt *fx)
{
	fx->flushes = 0;
}

bool odma_pgt_is_mapped(struct odma_pgt *fx, u64 iova, phys_addr_t phys,
			u64 size, unsigned int prot)
{
	struct odma_walk r;
	u64 done = 0;

	while (done < size) {
		if (odma_walk(&fx->walker, iova + done, &r) ||
		    r.phys != phys + done || r.prot != prot)
			return false;
		if (odma_pgtable_iova_to_phys(fx->pgt, iova + done) != r.phys)
			return false;
		done += r.iova + r.size - (iova + done);
	}
	return true;
}

bool odma_pgt_is_clear(struct odma_pgt *fx, u64 iova, u64 size)
{
	u64 done = 0, span;
	struct odma_walk r;

	while (done < size) {
		if (odma_walk(&fx->walker, iova + done, &r) != -ENOENT)
			return false;
		if (odma_pgtable_iova_to_phys(fx->pgt, iova + done) !=
		    PHYS_ADDR_MAX)
			return false;
		span = odma_walker_span(&fx->walker, r.level);
		done += span - ((iova + done) & (span - 1));
	}
	return true;
}

bool odma_pgt_leaves_are(struct odma_pgt *fx, u64 iova, u64 size, size_t leaf,
			 bool contiguous)
{
	struct odma_walk r;
	u64 at;

	for (at = 0; at < size; at += r.size)
		if (odma_walk(&fx->walker, iova + at, &r) || r.size != leaf ||
		    r.contiguous != contiguous)
			return false;
	return true;
}

void odma_pgt_expect(struct odma_pgt *fx, u64 iova, phys_addr_t phys, u64 size)
{
	KUNIT_EXPECT_TRUE_MSG(fx->test,
			      odma_pgt_is_mapped(fx, iova, phys, size, ODMA_RW),
			      "%#llx+%#llx", iova, size);
}

void odma_pgt_expect_clear(struct odma_pgt *fx, u64 iova, u64 size)
{
	KUNIT_EXPECT_TRUE_MSG(fx->test, odma_pgt_is_clear(fx, iova, size),
			      "%#llx+%#llx", iova, size);
}

struct odma_walker_check odma_pgt_check(struct odma_pgt *fx)
{
	struct odma_walker_check check = odma_pgt_look(fx, true);

	KUNIT_EXPECT_NULL_MSG(fx->test, check.wrong,
			      "%s: level %d, iova %#llx, entry %#llx",
			      check.wrong ?: "", check.level, check.iova,
			      check.desc);
	/* There may be tables that wait to be freed. */
	KUNIT_EXPECT_LE(fx->test, check.tables, atomic_read(&fx->live));
	KUNIT_EXPECT_EQ(fx->test, odma_pgtable_tables(fx->pgt),
			atomic_read(&fx->live));
	KUNIT_EXPECT_NULL_MSG(fx->test, fx->wrong, "%s", fx->wrong ?: "");
	return check;
}
