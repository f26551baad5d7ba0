// SPDX-License-Identifier: GPL-2.0
/*
 * Which memory may become a pool: every refusal, that it says why, and that
 * nothing is left of it.
 */
#include <linux/ioport.h>
#include <linux/mm.h>
#include "fixture.h"
#include "../suites.h"

/* Where the guests have nothing, and reads answer with ones. */
#ifdef CONFIG_ARM64
#define ODMA_HOLE	0x30000000ULL	/* the PCI bridge's, of no device */
#else
#define ODMA_HOLE	0xf0000000ULL	/* below the interrupt controllers */
#endif

static int odma_declare_at(struct odma_fixture *fx, u64 phys, u64 size)
{
	return odma_declare_coherent_memory(fx->dev, phys, ODMA_POOL_DERIVE,
					    size);
}

/* What could have been left over: a claim, a place in a list, a reference. */
static void odma_expect_usable(struct kunit *test, u64 phys, u64 size)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_EXPECT_EQ_MSG(test, 0, odma_declare_at(fx, phys, size),
			    "%#llx+%#llx", phys, size);
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
}

/* The claim is in /proc/iomem exactly as long as the pool is there. */
static bool odma_claimed(u64 phys, u64 size)
{
	if (!request_mem_region(phys, size, "odma-kunit probe"))
		return true;
	release_mem_region(phys, size);
	return false;
}

static void odma_range_numbers(struct kunit *test)
{
	static const struct {
		u64 phys;
		u64 size;
		u64 device;
		const char *why;
	} bad[] = {
		{ 0x44000000, 0, ODMA_POOL_DERIVE, "its size is 0" },
		{ 0x44000800, SZ_4K, ODMA_POOL_DERIVE, "not page aligned" },
		{ 0x44000000, 100, ODMA_POOL_DERIVE, "not page aligned" },
		{ 0x44000000, SZ_4K + 1, ODMA_POOL_DERIVE, "not page aligned" },
		{ 0x44000000, SZ_4K, 0x800, "address is not page aligned" },
		{ 0x44000000, SZ_4K, 1, "address is not page aligned" },
		{ ~0xfffULL, SZ_8K, ODMA_POOL_DERIVE, "wraps around" },
		{ 0x44000000, ~0xfffULL, ODMA_POOL_DERIVE, "wraps around" },
		{ 0x44000000, SZ_8K, ~0xfffULL, "addresses wrap around" },
		{ 0x44000000, SZ_4K, ~0xfffULL, "addresses wrap around" },
		{ 1ULL << 62, SZ_4K, ODMA_POOL_DERIVE, "beyond the machine" },
	};
	struct odma_fixture *fx = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		odma_mark_log();
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    odma_declare_coherent_memory(fx->dev,
								 bad[i].phys,
								 bad[i].device,
								 bad[i].size),
				    "%d", i);
		KUNIT_EXPECT_EQ_MSG(test, 1, odma_log_lines(bad[i].why), "%d",
				    i);
	}
	KUNIT_EXPECT_FALSE(test, odma_claimed(0x44000000, SZ_8K));
	odma_expect_usable(test, 0x44000000, SZ_8K);
}

static void odma_range_ordinary_ram(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);

	memset(page_address(page), 0x5c, PAGE_SIZE);
	odma_mark_log();
	KUNIT_EXPECT_EQ(test, -EBUSY,
			odma_declare_at(fx, page_to_phys(page), PAGE_SIZE));
	/* One page of it is enough, at either end. */
	KUNIT_EXPECT_EQ(test, -EBUSY,
			odma_declare_at(fx, ODMA_KEPT - PAGE_SIZE, SZ_8K));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			odma_declare_at(fx, ODMA_KEPT_END - PAGE_SIZE, SZ_8K));
	KUNIT_EXPECT_EQ(test, 3, odma_log_lines("ordinary RAM in use"));
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0x5c,
					   PAGE_SIZE));
	odma_expect_usable(test, ODMA_KEPT, PAGE_SIZE);
	odma_expect_usable(test, ODMA_KEPT_END - PAGE_SIZE, PAGE_SIZE);
	odma_expect_usable(test, ODMA_KEPT, ODMA_KEPT_END - ODMA_KEPT);
}

static void odma_range_overlap(struct kunit *test)
{
	static const struct {
		u64 phys;
		u64 size;
	} other[] = {
		{ 0x44100000, SZ_64K }, { 0x44104000, SZ_16K },
		{ 0x440ff000, SZ_8K }, { 0x4410f000, SZ_8K },
		{ 0x440f0000, SZ_256K }, { 0x44100000, SZ_4K },
		{ 0x4410f000, SZ_4K }, { 0x44100000, SZ_128K },
	};
	struct odma_fixture *fx = test->priv;
	int i;

	KUNIT_ASSERT_EQ(test, 0, odma_declare_at(fx, 0x44100000, SZ_64K));
	for (i = 0; i < ARRAY_SIZE(other); i++) {
		odma_mark_log();
		KUNIT_EXPECT_EQ_MSG(test, -EBUSY,
				    odma_declare_at(fx, other[i].phys,
						    other[i].size), "%d", i);
		KUNIT_EXPECT_EQ(test, 1,
				odma_log_lines("pool 0x44100000+0x10000 of "));
		KUNIT_EXPECT_EQ(test, -EBUSY,
				odma_declare_global_coherent(other[i].phys,
							     other[i].size));
	}
	KUNIT_EXPECT_EQ(test, -EBUSY,
			odma_add_device_rule(fx, "direct pool=0x44100000+4K"));
	/* Side by side is no overlap. */
	KUNIT_EXPECT_EQ(test, 0, odma_declare_at(fx, 0x440ff000, SZ_4K));
	KUNIT_EXPECT_EQ(test, 0, odma_declare_at(fx, 0x44110000, SZ_4K));
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
	odma_expect_usable(test, 0x440f0000, SZ_256K);
}

static void odma_range_somebody_elses(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, request_mem_region(0x44100000, SZ_4K,
						       "odma-kunit"));
	odma_mark_log();
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_declare_at(fx, 0x44100000, SZ_4K));
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_declare_at(fx, 0x440ff000, SZ_16K));
	KUNIT_EXPECT_EQ(test, 2,
			odma_log_lines("somebody else uses that memory"));
	release_mem_region(0x44100000, SZ_4K);
	KUNIT_ASSERT_EQ(test, 0, odma_declare_at(fx, 0x440ff000, SZ_16K));
	KUNIT_EXPECT_TRUE(test, odma_claimed(0x44100000, SZ_4K));
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
	KUNIT_EXPECT_FALSE(test, odma_claimed(0x440ff000, SZ_16K));
}

/* What reads as ones, or as zeroes, wherever one looks. */
static void odma_range_no_memory(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	static const u64 sizes[] = { SZ_4K, SZ_8K, SZ_64K, SZ_1M };
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		odma_mark_log();
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    odma_declare_at(fx, ODMA_HOLE, sizes[i]),
				    "%#llx", sizes[i]);
		KUNIT_EXPECT_EQ(test, 1, odma_log_lines("so it is no memory"));
		KUNIT_EXPECT_FALSE(test, odma_claimed(ODMA_HOLE, sizes[i]));
	}
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_release_coherent_memory(fx->dev));
}

/* As many as there may be, and one more. */
static void odma_range_too_many(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u64 phys = ODMA_KEPT;
	int i;

	for (i = 0; i < ODMA_DEVICE_POOLS; i++, phys += SZ_64K)
		KUNIT_ASSERT_EQ(test, 0, odma_declare_at(fx, phys, SZ_64K));
	odma_mark_log();
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_declare_at(fx, phys, SZ_64K));
	KUNIT_EXPECT_EQ(test, 1, odma_log_lines("it has 8 already"));
	KUNIT_EXPECT_FALSE(test, odma_claimed(phys, SZ_64K));
	/* That is so many for one device, not for all. */
	KUNIT_EXPECT_EQ(test, 0,
			odma_declare_coherent_memory(&fx->ref->dev, phys,
						     ODMA_POOL_DERIVE, SZ_64K));
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(&fx->ref->dev));
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
	KUNIT_EXPECT_FALSE(test, odma_claimed(ODMA_KEPT,
					      ODMA_DEVICE_POOLS * SZ_64K));
}

struct odma_word {
	const char *words;
	int error;
	const char *why;
};

/* Every way to write a number, and as many pools as there may be. */
static const char * const odma_good_words[] = {
	"direct pool=0x44700000+4K",
	"direct pool=1095M+0x1000@0 pool=only",
	"direct pool=only pool=1148190720+4096@4G",
	"direct pool=0x44700000+4k pool=1096m+0x1000@0xABCDE000",
	"direct pool=1088M+4K pool=1089M+4K pool=1090M+4K pool=1091M+4K pool=1092M+4K pool=1093M+4K pool=1094M+4K pool=0x44700000+0x1000@0x1234567890000000",
};

static const struct odma_word odma_bad_words[] = {
	{ "pool=", -EINVAL, "pool= is not <phys>+<size>" },
	{ "pool=xyz", -EINVAL, "pool=xyz is not <phys>+<size>" },
	{ "pool=0x44000000", -EINVAL, "is not <phys>+<size>" },
	{ "pool=+64K", -EINVAL, "is not <phys>+<size>" },
	{ "pool=0x44000000+", -EINVAL, "is not <phys>+<size>" },
	{ "pool=0x44000000+64K@", -EINVAL, "is not <phys>+<size>" },
	{ "pool=0x44000000+64Kx", -EINVAL, "is not <phys>+<size>" },
	{ "pool=0x44000000+64K@0x1000z", -EINVAL, "is not <phys>+<size>" },
	{ "pool=0x44000000-64K", -EINVAL, "is not <phys>+<size>" },
	{ "pool=-1+64K", -EINVAL, "is not <phys>+<size>" },
	{ "pool=0x44000000+-4096", -EINVAL, "is not <phys>+<size>" },
	{ "pool=0x44000000+64K@derive", -EINVAL, "is not <phys>+<size>" },
	{ "pool=globally", -EINVAL, "is not <phys>+<size>" },
	/* Numbers that no 64 bits hold, and what these bits would mean. */
	{ "pool=0x10000000004000000+64K", -EINVAL, "is not <phys>+<size>" },
	{ "pool=0x44000000+17179869185G", -EINVAL, "is not <phys>+<size>" },
	{ "pool=0x44000000+64K@0xffffffffffffffff", -EINVAL, "" },
#ifndef CONFIG_OF_RESERVED_MEM
	{ "pool=only", -EINVAL, "pool=only needs a pool" },
#endif
	{ "pool=global", -ENOENT, "there is no global pool" },
	{ "pool=global pool=only", -ENOENT, "there is no global pool" },
	{ "pool=0x44000000+64K pool=global", -ENOENT, "no global pool" },
	{ "pool=0x44000000+64K pool=0x44000000+64K", -EBUSY, "overlaps" },
	{ "pool=0x44000000+64K pool=1088M+64K", -EBUSY, "overlaps" },
	{ "pool=0x44000000+64K pool=0x4400f000+8K", -EBUSY, "overlaps" },
	{ "pool=0x44000000+64K pool=xyz", -EINVAL, "is not <phys>+<size>" },
	{ "pool=0x44000000+64K pool=0x44010000+0", -EINVAL, "its size is 0" },
	{ "pool=0x44000000+64K pool=1040M+64K", -EBUSY, "ordinary RAM" },
	{ "pool=0x44000000+64K coherent=maybe", -EINVAL, "coherent=maybe" },
	{ "pool=1088M+4K pool=1089M+4K pool=1090M+4K pool=1091M+4K pool=1092M+4K pool=1093M+4K pool=1094M+4K pool=1095M+4K pool=1096M+4K",
	  -EINVAL, "more than 8 pools" },
};

static void odma_range_words(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	char rule[160];
	int i;

	for (i = 0; i < ARRAY_SIZE(odma_bad_words); i++) {
		const struct odma_word *w = &odma_bad_words[i];

		odma_mark_log();
		snprintf(rule, sizeof(rule), "direct %s", w->words);
		KUNIT_EXPECT_EQ_MSG(test, w->error,
				    odma_add_device_rule(fx, rule), "%s",
				    w->words);
		KUNIT_EXPECT_GE_MSG(test, odma_log_lines(w->why), 1, "%s",
				    w->words);
		if (fx->ruled)
			KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
		KUNIT_ASSERT_FALSE_MSG(test, odma_claimed(ODMA_KEPT, SZ_16M),
				       "%s", w->words);
	}
}

static void odma_range_good_words(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(odma_good_words); i++) {
		KUNIT_ASSERT_EQ_MSG(test, 0,
				    odma_add_device_rule(fx,
							 odma_good_words[i]),
				    "%s", odma_good_words[i]);
		KUNIT_EXPECT_TRUE(test, odma_claimed(0x44700000, SZ_4K));
		KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
		KUNIT_EXPECT_FALSE(test, odma_claimed(ODMA_KEPT, SZ_16M));
	}
}

/* The same rules hold for the pool of all. */
static void odma_range_global(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, -EINVAL,
			odma_declare_global_coherent(0x44000000, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			odma_declare_global_coherent(0x44000001, SZ_4K));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			odma_declare_global_coherent(0x41000000, SZ_4K));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			odma_declare_global_coherent(ODMA_HOLE, SZ_64K));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_release_global_coherent());
}

static void odma_range_too_large(struct kunit *test)
{
	odma_mark_log();
	KUNIT_EXPECT_EQ(test, -EINVAL,
			odma_declare_global_coherent(0x4000000000,
						     700ULL * SZ_1G));
	KUNIT_EXPECT_EQ(test, 1, odma_log_lines("it is too large (with"));
}

static struct kunit_case odma_pool_range_cases[] = {
	KUNIT_CASE(odma_range_numbers),
	KUNIT_CASE(odma_range_ordinary_ram),
	KUNIT_CASE(odma_range_overlap),
	KUNIT_CASE(odma_range_somebody_elses),
	KUNIT_CASE(odma_range_no_memory),
	KUNIT_CASE(odma_range_too_many),
	KUNIT_CASE(odma_range_words),
	KUNIT_CASE(odma_range_good_words),
	KUNIT_CASE(odma_range_global),
	KUNIT_CASE(odma_range_too_large),
	{}
};

struct kunit_suite odma_pool_range_suite = {
	.name = "odma-pool-range",
	.suite_init = odma_begin_suite,
	.init = odma_pool_init,
	.exit = odma_pool_exit,
	.test_cases = odma_pool_range_cases,
};
