// SPDX-License-Identifier: GPL-2.0
/*
 * Against the kernel's io-pgtable-arm: the same calls go to both, and hardware
 * that walks the one finds what it finds in the other, bit for bit where both
 * say something. The kernel sets no contiguous hint, and in stage 2 a bit that
 * is reserved there.
 */
#include <linux/io-pgtable.h>
#include <linux/iommu.h>
#include <linux/prandom.h>
#include "../shared/fixture.h"
#include "fixture.h"
#include "../suites.h"

#if defined(CONFIG_ARM64) && defined(CONFIG_IOMMU_IO_PGTABLE_LPAE)

#define ODMA_DIFF_STEPS		(1000 / ODMA_PGT_SCALE)
#define ODMA_DIFF_PERIOD	(ODMA_DIFF_STEPS / 10)
/* Bit 53 of leaves: half of XN in stage 2. */
#define ODMA_DIFF_IGNORE	BIT_ULL(53)

/**
 * struct odma_diff - two tables
 * @fx:		ours
 * @cfg:	how the kernel's were made
 * @ops:	the kernel's
 * @dev:	whom it takes them to be for
 * @theirs:	reads them
 * @rnd:	what happens next
 * @maps:	calls that mapped something
 * @unmaps:	calls that unmapped something
 * @wrong:	what was found, or NULL
 * @step:	in which step
 */
struct odma_diff {
	struct odma_pgt *fx;
	struct io_pgtable_cfg cfg;
	struct io_pgtable_ops *ops;
	struct device *dev;
	struct odma_walker theirs;
	struct rnd_state rnd;
	int maps;
	int unmaps;
	const char *wrong;
	int step;
};

static void odma_diff_flush_all(void *cookie)
{
}

static void odma_diff_flush_walk(unsigned long iova, size_t size,
				 size_t granule, void *cookie)
{
}

static const struct iommu_flush_ops odma_diff_tlb = {
	.tlb_flush_all = odma_diff_flush_all,
	.tlb_flush_walk = odma_diff_flush_walk,
};

/* TCR's TG1 has another order than TG0. */
static u8 odma_diff_granule(u8 tg, bool upper)
{
	static const u8 tg0[] = { 12, 16, 14, 0 }, tg1[] = { 0, 14, 12, 16 };

	return upper ? tg1[tg] : tg0[tg];
}

static u8 odma_diff_start(const struct odma_diff *d)
{
	u8 stride = d->fx->cfg.granule_shift - 3;

	return 4 - DIV_ROUND_UP(d->fx->cfg.ias - d->fx->cfg.granule_shift,
				stride);
}

static struct odma_pgtable_regs odma_diff_regs_1(const struct odma_diff *d)
{
	const typeof(d->cfg.arm_lpae_s1_cfg) *s1 = &d->cfg.arm_lpae_s1_cfg;

	return (struct odma_pgtable_regs){
		.ttbr = s1->ttbr,
		.mair = s1->mair,
		.tsz = s1->tcr.tsz,
		.tg = odma_diff_granule(s1->tcr.tg, d->cfg.quirks &
					IO_PGTABLE_QUIRK_ARM_TTBR1),
		.start_level = odma_diff_start(d),
		.ips = s1->tcr.ips,
		.sh = s1->tcr.sh,
		.rgn = s1->tcr.irgn,
	};
}

/* SL0 counts from the last level but one, with 4 KiB, or from the last one. */
static struct odma_pgtable_regs odma_diff_regs_2(const struct odma_diff *d)
{
	const typeof(d->cfg.arm_lpae_s2_cfg) *s2 = &d->cfg.arm_lpae_s2_cfg;
	u8 granule = odma_diff_granule(s2->vtcr.tg, false);

	return (struct odma_pgtable_regs){
		.ttbr = s2->vttbr,
		.tsz = s2->vtcr.tsz,
		.tg = granule,
		.start_level = (granule == 12 ? 2 : 3) - s2->vtcr.sl,
		.ips = s2->vtcr.ps,
		.sh = s2->vtcr.sh,
		.rgn = s2->vtcr.irgn,
	};
}

static struct odma_pgtable_regs odma_diff_regs(const struct odma_diff *d)
{
	return d->fx->cfg.stage == ODMA_STAGE_1 ? odma_diff_regs_1(d) :
						  odma_diff_regs_2(d);
}

static void odma_diff_make(struct odma_diff *d)
{
	struct odma_pgt *fx = d->fx;
	bool upper = fx->cfg.quirks & ODMA_PGT_TTBR1;
	struct odma_pgtable_regs regs;

	d->cfg = (struct io_pgtable_cfg){
		.quirks = upper ? IO_PGTABLE_QUIRK_ARM_TTBR1 : 0,
		.pgsize_bitmap = odma_pgtable_sizes(fx->pgt),
		.ias = fx->cfg.ias,
		.oas = fx->cfg.oas,
		.coherent_walk = !(fx->cfg.quirks & ODMA_PGT_NONCOHERENT),
		.tlb = &odma_diff_tlb,
		.iommu_dev = d->dev,
	};
	d->ops = alloc_io_pgtable_ops(fx->cfg.stage == ODMA_STAGE_1 ?
				      ARM_64_LPAE_S1 : ARM_64_LPAE_S2,
				      &d->cfg, d);
	KUNIT_ASSERT_NOT_NULL(fx->test, d->ops);
	regs = odma_diff_regs(d);
	KUNIT_ASSERT_EQ(fx->test, 0, odma_walker_init(&d->theirs, &regs,
						      fx->cfg.stage));
	d->theirs.upper = upper;
	if (fx->cfg.stage == ODMA_STAGE_2)
		d->theirs.ignore = ODMA_DIFF_IGNORE;
}

static void odma_diff_end(struct odma_diff *d)
{
	if (d->ops)
		free_io_pgtable_ops(d->ops);
	d->ops = NULL;
}

static struct odma_diff *odma_diff_new(struct kunit *test)
{
	struct odma_diff *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, d);
	d->dev = kunit_kzalloc(test, sizeof(*d->dev), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, d->dev);
	set_dev_node(d->dev, NUMA_NO_NODE);
	d->fx = test->priv;
	odma_diff_make(d);
	return d;
}

static void odma_diff_registers(struct kunit *test)
{
	struct odma_diff *d = odma_diff_new(test);
	struct odma_pgtable_regs theirs = odma_diff_regs(d);
	const struct odma_pgtable_regs *ours = &d->fx->regs;

	KUNIT_EXPECT_EQ(test, ours->tsz, theirs.tsz);
	KUNIT_EXPECT_EQ(test, ours->tg, theirs.tg);
	KUNIT_EXPECT_EQ(test, ours->ips, theirs.ips);
	KUNIT_EXPECT_EQ(test, ours->sh, theirs.sh);
	KUNIT_EXPECT_EQ(test, ours->rgn, theirs.rgn);
	KUNIT_EXPECT_EQ(test, ours->start_level, theirs.start_level);
	/* The kernel has a fourth memory type. */
	if (d->fx->cfg.stage == ODMA_STAGE_1)
		KUNIT_EXPECT_EQ(test, ours->mair & 0xffffff,
				theirs.mair & 0xffffff);
	odma_diff_end(d);
}

static u32 odma_diff_draw(struct odma_diff *d, u32 sides)
{
	return prandom_u32_state(&d->rnd) % sides;
}

static void odma_diff_expect(struct odma_diff *d, bool ok, const char *what)
{
	if (!ok && !d->wrong)
		d->wrong = what;
}

static const struct {
	unsigned int ours;
	int theirs;
} odma_diff_bits[] = {
	{ ODMA_READ, IOMMU_READ },
	{ ODMA_WRITE, IOMMU_WRITE },
	{ ODMA_NOEXEC, IOMMU_NOEXEC },
	{ ODMA_PRIV, IOMMU_PRIV },
	{ ODMA_CACHED, IOMMU_CACHE },
	{ ODMA_DEVICE, IOMMU_MMIO },
};

static int odma_diff_prot(unsigned int prot)
{
	int i, theirs = 0;

	for (i = 0; i < ARRAY_SIZE(odma_diff_bits); i++)
		if (prot & odma_diff_bits[i].ours)
			theirs |= odma_diff_bits[i].theirs;
	return theirs;
}

/* What iommu_map() would do, leaf by leaf. */
static void odma_diff_map_theirs(struct odma_diff *d, u64 iova,
				 phys_addr_t phys, u64 size, unsigned int prot)
{
	size_t leaf, mapped;
	u64 done;
	int ret;

	for (done = 0; done < size; done += leaf) {
		leaf = odma_pgt_fit(d->fx, iova + done, phys + done,
				    size - done);
		mapped = 0;
		ret = d->ops->map_pages(d->ops, iova + done, phys + done, leaf,
					1, odma_diff_prot(prot), GFP_KERNEL,
					&mapped);
		odma_diff_expect(d, !ret && mapped == leaf,
				 "the kernel can't map it");
		if (ret)
			return;
	}
}

/* The largest piece of a leaf that can be unmapped at once. */
static size_t odma_diff_piece(struct odma_diff *d, u64 iova, u64 left,
			      size_t leaf)
{
	size_t size;
	u8 level;

	for (level = 1; level < 3; level++) {
		size = odma_pgt_leaf(d->fx, level);
		if (size && size <= leaf && size <= left &&
		    IS_ALIGNED(iova, size))
			return size;
	}
	return odma_pgt_leaf(d->fx, 3);
}

/* Whatever is mapped in a range; how much that was. */
static u64 odma_diff_unmap_theirs(struct odma_diff *d, u64 iova, u64 size)
{
	u64 done = 0, unmapped = 0, span;
	struct odma_walk r;
	size_t piece;

	while (done < size) {
		if (odma_walk(&d->theirs, iova + done, &r)) {
			span = odma_walker_span(&d->theirs, r.level);
			done += span - ((iova + done) & (span - 1));
			continue;
		}
		piece = odma_diff_piece(d, iova + done, size - done, r.size);
		odma_diff_expect(d, d->ops->unmap_pages(d->ops, iova + done,
							piece, 1, NULL) ==
				 piece, "the kernel can't unmap it");
		if (d->wrong)
			break;
		done += piece;
		unmapped += piece;
	}
	return unmapped;
}

/* Addresses in use: some blocks, or giant ones where there are such. */
static u64 odma_diff_span(const struct odma_diff *d)
{
	return min(6 * (u64)odma_pgt_leaf(d->fx, 2), odma_pgt_room(d->fx));
}

static u64 odma_diff_draw_range(struct odma_diff *d, u64 *size)
{
	u64 page = odma_pgt_leaf(d->fx, 3), block = odma_pgt_leaf(d->fx, 2);
	u64 giant = odma_pgt_leaf(d->fx, 1), span = odma_diff_span(d);
	u64 iova = odma_pgt_iova(d->fx);

	switch (odma_diff_draw(d, 16)) {
	case 0:
		*size = block * (1 + odma_diff_draw(d, 2));
		return iova + odma_diff_draw(d, 5) * block;
	case 1:
		*size = 2 * block;
		return iova + odma_diff_draw(d, 5) * block - 3 * page + block;
	case 2:
		*size = giant ?: block;
		return iova + (giant ? giant : block);
	case 3 ... 5:
		*size = odma_pgt_group(d->fx, 3);
		return iova + (odma_diff_draw(d, 1 << 30) % span &
			       ~(*size - 1));
	case 6:
		*size = page * (1 + odma_diff_draw(d, 4));
		return iova + giant + odma_diff_draw(d, 3) * block;
	default:
		*size = page * (1 + odma_diff_draw(d, 12));
		return iova + (odma_diff_draw(d, 1 << 30) % span & ~(page - 1));
	}
}

/* Not beyond the last address. */
static u64 odma_diff_range(struct odma_diff *d, u64 *size)
{
	u64 iova = odma_diff_draw_range(d, size), left;

	left = odma_pgt_room(d->fx) - (iova - odma_pgt_iova(d->fx));
	if (iova - odma_pgt_iova(d->fx) >= odma_pgt_room(d->fx)) {
		iova = odma_pgt_iova(d->fx);
		left = odma_pgt_room(d->fx);
	}
	*size = min(*size, left);
	return iova;
}

static unsigned int odma_diff_draw_prot(struct odma_diff *d)
{
	unsigned int prot = odma_diff_draw(d, ODMA_PROT_MASK + 1);

	/* Of device memory the kernel lets the shareability depend on this. */
	if (prot & ODMA_DEVICE)
		prot &= ~ODMA_CACHED;
	return prot & (ODMA_READ | ODMA_WRITE) ? prot : prot | ODMA_READ;
}

static void odma_diff_map(struct odma_diff *d)
{
	unsigned int prot = odma_diff_draw_prot(d);
	u64 size, iova = odma_diff_range(d, &size);
	size_t align = odma_pgt_leaf(d->fx, odma_diff_draw(d, 4) ? 2 : 3);
	phys_addr_t phys = odma_pgt_phys(d->fx) +
			   (u64)odma_diff_draw(d, 1000) * align;
	int ret;

	phys += iova & (odma_pgt_leaf(d->fx, 2) - 1);
	ret = odma_pgtable_map(d->fx->pgt, iova, phys, size, prot, GFP_KERNEL);
	odma_diff_expect(d, !ret || ret == -EEXIST, "what map returned");
	if (ret)
		return;
	d->maps++;
	odma_diff_map_theirs(d, iova, phys, size, prot);
}

static void odma_diff_unmap(struct odma_diff *d)
{
	u64 size, iova = odma_diff_range(d, &size);
	ssize_t ours;

	ours = odma_pgt_unmap(d->fx, iova, size, ODMA_UNMAP_SPLIT |
			      ODMA_UNMAP_SPARSE);
	odma_diff_expect(d, ours >= 0, "what unmap returned");
	if (ours <= 0)
		return;
	d->unmaps++;
	odma_diff_expect(d, odma_diff_unmap_theirs(d, iova, size) == ours,
			 "how much was unmapped");
}

static void odma_diff_look(struct odma_diff *d)
{
	u64 size, iova = odma_diff_range(d, &size) + odma_diff_draw(d, 4096);
	struct odma_walk ours, theirs;
	int ret = odma_walk(&d->fx->walker, iova, &ours);
	phys_addr_t phys = d->ops->iova_to_phys(d->ops, iova);

	odma_diff_expect(d, ret == odma_walk(&d->theirs, iova, &theirs),
			 "whether it is mapped");
	if (ret) {
		odma_diff_expect(d, ret == -ENOENT && !phys,
				 "the kernel finds something");
		return;
	}
	odma_diff_expect(d, ours.phys == phys && ours.phys == theirs.phys &&
			 ours.prot == theirs.prot, "what it is mapped to");
	odma_diff_expect(d, odma_pgtable_iova_to_phys(d->fx->pgt, iova) ==
			 phys, "what is looked up");
}

static void odma_diff_compare(struct odma_diff *d)
{
	struct odma_walker_check check;

	if (!odma_walker_equal(&d->fx->walker, &d->theirs, &check))
		odma_diff_expect(d, false, check.wrong);
	odma_pgt_check(d->fx);
}

static void odma_diff_steps(struct odma_diff *d)
{
	for (d->step = 0; d->step < ODMA_DIFF_STEPS && !d->wrong; d->step++) {
		switch (odma_diff_draw(d, 8)) {
		case 0 ... 2:
			odma_diff_map(d);
			break;
		case 3 ... 5:
			odma_diff_unmap(d);
			break;
		default:
			odma_diff_look(d);
		}
		if (d->step % ODMA_DIFF_PERIOD == 0)
			odma_diff_compare(d);
		cond_resched();
	}
	if (!d->wrong)
		odma_diff_compare(d);
}

static void odma_diff_random(struct kunit *test)
{
	struct odma_diff *d = odma_diff_new(test);

	prandom_seed_state(&d->rnd, 640964 + d->fx->cfg.ias);
	odma_diff_steps(d);
	KUNIT_EXPECT_NULL_MSG(test, d->wrong, "step %d: %s", d->step,
			      d->wrong ?: "");
	KUNIT_EXPECT_GT(test, d->maps, d->step / 20);
	KUNIT_EXPECT_GT(test, d->unmaps, d->step / 100);
	odma_diff_end(d);
}

#else

static void odma_diff_registers(struct kunit *test)
{
}

static void odma_diff_random(struct kunit *test)
{
}

#endif

static int odma_diff_init(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_ARM64) ||
	    !IS_ENABLED(CONFIG_IOMMU_IO_PGTABLE_LPAE))
		kunit_skip(test, "this kernel has no io-pgtable-arm");
	return odma_pgt_init(test);
}

/* Before 6.6, KUnit doesn't say of one parameter that it was skipped. */
static struct kunit_case odma_pgtable_diff_cases[] = {
#if defined(CONFIG_ARM64) && defined(CONFIG_IOMMU_IO_PGTABLE_LPAE)
	KUNIT_CASE_PARAM(odma_diff_registers, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_diff_random, odma_pgt_all),
#else
	KUNIT_CASE(odma_diff_registers),
	KUNIT_CASE(odma_diff_random),
#endif
	{}
};

struct kunit_suite odma_pgtable_diff_suite = {
	.name = "odma-pgtable-diff",
	.suite_init = odma_begin_suite,
	.init = odma_diff_init,
	.exit = odma_pgt_exit,
	.test_cases = odma_pgtable_diff_cases,
};
