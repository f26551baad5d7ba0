// SPDX-License-Identifier: GPL-2.0
/*
 * KMSAN: what the CPU did not write must not go to a device, what came from a
 * device is as good as written. In every mode of the fixture, through odma_*()
 * and through the kernel's dma_*().
 *
 * A report is a complaint in the kernel log, and one that no case asked for
 * fails the run. So a case that provokes reports says in the log how many it
 * expects, and from where: scripts/kunit forgives those, and no others.
 *
 * Only a KMSAN kernel can run these. They have no parameters: before 6.6 one
 * that is skipped would be reported as if it had passed.
 */
#include <linux/gfp.h>
#include <linux/kmsan-checks.h>
#include <linux/slab.h>
#include <trace/events/printk.h>
#include "../shared/fixture.h"
#include "../suites.h"

#define ODMA_KMSAN_TITLE	"BUG: KMSAN: uninit-value in "
#define ODMA_LIST_LEN		5

/* Not a whole number of cache lines. */
#define ODMA_BUF_SIZE		300

/*
 * The reports since odma_expect_reports(). KMSAN makes one at a time, in the
 * middle of the offending access, so nothing has to be waited for.
 */
static struct {
	int want;
	const char *where;
	atomic_t seen;
	char title[128];
} odma_reports;

static void odma_see_line(void *unused, const char *line, size_t len)
{
	const char *title = strnstr(line, "BUG: KMSAN: ", len);
	size_t rest;

	if (!title)
		return;
	/* The line has no end but its length. */
	rest = line + len - title;
	strscpy(odma_reports.title, title,
		min(rest + 1, sizeof(odma_reports.title)));
	atomic_inc(&odma_reports.seen);
}

/* @where: what the name of the reported function begins with. */
static void odma_expect_reports(int want, const char *where)
{
	odma_reports.want = want;
	odma_reports.where = where;
	odma_reports.title[0] = '\0';
	atomic_set(&odma_reports.seen, 0);
	if (want)
		pr_info("odma-kunit: expecting %d reports in %s\n", want,
			where);
}

static void odma_expect_no_report(void)
{
	odma_expect_reports(0, "");
}

/* Is the last report about @where? Of the kernel's own the _ do not count. */
static bool odma_reported_there(void)
{
	const char *title = odma_reports.title;

	if (strncmp(title, ODMA_KMSAN_TITLE, strlen(ODMA_KMSAN_TITLE)))
		return false;
	title += strlen(ODMA_KMSAN_TITLE);
	title += strspn(title, "_");
	return !strncmp(title, odma_reports.where,
			strlen(odma_reports.where));
}

static void odma_check_reports(struct kunit *test, const char *what)
{
	struct odma_fixture *fx = test->priv;
	int seen = atomic_read(&odma_reports.seen);

	if (odma_reports.want)
		pr_info("odma-kunit: %d reports came\n", seen);
	KUNIT_EXPECT_EQ_MSG(test, seen, odma_reports.want, "%s, %s",
			    fx->mode->name, what);
	if (seen && odma_reports.want)
		KUNIT_EXPECT_TRUE_MSG(test, odma_reported_there(),
				      "%s, %s: %s", fx->mode->name, what,
				      odma_reports.title);
}

/* Both APIs, with the same parameters, in every way that memory is mapped. */
struct odma_way {
	const char *name;
	bool twin;
	void (*map)(struct odma_fixture *fx, void *buf, size_t size,
		    enum dma_data_direction dir);
	void (*map_list)(struct odma_fixture *fx, struct scatterlist *sgl,
			 int nents, enum dma_data_direction dir);
};

#define ODMA_MAP_WAYS(api)						\
static void api##_way_single(struct odma_fixture *fx, void *buf,	\
			     size_t size, enum dma_data_direction dir)	\
{									\
	dma_addr_t addr = api##_map_single(fx->dev, buf, size, dir);	\
									\
	KUNIT_ASSERT_EQ(fx->test, 0, api##_mapping_error(fx->dev, addr));\
	api##_unmap_single(fx->dev, addr, size, dir);			\
}									\
									\
static void api##_way_page(struct odma_fixture *fx, void *buf,		\
			   size_t size, enum dma_data_direction dir)	\
{									\
	dma_addr_t addr = api##_map_page(fx->dev, virt_to_page(buf),	\
					 offset_in_page(buf), size, dir);\
									\
	KUNIT_ASSERT_EQ(fx->test, 0, api##_mapping_error(fx->dev, addr));\
	api##_unmap_page(fx->dev, addr, size, dir);			\
}									\
									\
static void api##_list_sg(struct odma_fixture *fx,			\
			  struct scatterlist *sgl, int nents,		\
			  enum dma_data_direction dir)			\
{									\
	KUNIT_ASSERT_NE(fx->test, 0, api##_map_sg(fx->dev, sgl, nents,	\
						  dir));		\
	api##_unmap_sg(fx->dev, sgl, nents, dir);			\
}									\
									\
static void api##_way_sg(struct odma_fixture *fx, void *buf,		\
			 size_t size, enum dma_data_direction dir)	\
{									\
	struct scatterlist sg;						\
									\
	sg_init_one(&sg, buf, size);					\
	api##_list_sg(fx, &sg, 1, dir);					\
}									\
									\
static void api##_list_table(struct odma_fixture *fx,			\
			     struct scatterlist *sgl, int nents,	\
			     enum dma_data_direction dir)		\
{									\
	struct sg_table sgt = { .sgl = sgl, .orig_nents = nents };	\
									\
	KUNIT_ASSERT_EQ(fx->test, 0, api##_map_sgtable(fx->dev, &sgt,	\
						       dir, 0));	\
	api##_unmap_sgtable(fx->dev, &sgt, dir, 0);			\
}									\
									\
static void api##_way_table(struct odma_fixture *fx, void *buf,		\
			    size_t size, enum dma_data_direction dir)	\
{									\
	struct scatterlist sg;						\
									\
	sg_init_one(&sg, buf, size);					\
	api##_list_table(fx, &sg, 1, dir);				\
}

ODMA_MAP_WAYS(odma)
ODMA_MAP_WAYS(dma)

static const struct odma_way odma_ways[] = {
	{ "odma_map_single", true, odma_way_single },
	{ "odma_map_page", true, odma_way_page },
	{ "odma_map_sg", true, odma_way_sg, odma_list_sg },
	{ "odma_map_sgtable", true, odma_way_table, odma_list_table },
	{ "dma_map_single", false, dma_way_single },
	{ "dma_map_page", false, dma_way_page },
	{ "dma_map_sg", false, dma_way_sg, dma_list_sg },
	{ "dma_map_sgtable", false, dma_way_table, dma_list_table },
};

/* On a device that is not attached the twin leaves it to the kernel. */
static const char *odma_reporter(struct odma_fixture *fx,
				 const struct odma_way *way)
{
	return way->twin && fx->mode->rule ? "odma_map_" : "dma_map_";
}

static void odma_bind_in_mode(struct odma_fixture *fx,
			      const struct odma_mode *mode)
{
	fx->mode = mode;
	if (mode->rule)
		KUNIT_ASSERT_EQ(fx->test, 0,
				odma_add_device_rule(fx, mode->rule));
	KUNIT_ASSERT_EQ(fx->test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_ASSERT_EQ(fx->test, !mode->rule, !odma_device_of(fx->dev));
}

static void odma_unbind_in_mode(struct odma_fixture *fx)
{
	odma_unbind_driver(fx, ODMA_DRIVER);
	if (fx->mode->rule)
		KUNIT_ASSERT_EQ(fx->test, 0, odma_remove_device_rule(fx));
}

static void odma_in_each_mode(struct kunit *test,
			      void (*check)(struct odma_fixture *fx))
{
	struct odma_fixture *fx = test->priv;
	const struct odma_mode *mode = NULL;
	char desc[KUNIT_PARAM_DESC_SIZE];

	while ((mode = odma_all_modes(mode, desc))) {
		odma_bind_in_mode(fx, mode);
		check(fx);
		odma_unbind_in_mode(fx);
	}
}

static void odma_each_way(struct odma_fixture *fx,
			  void (*check)(struct odma_fixture *fx,
					const struct odma_way *way))
{
	int i;

	for (i = 0; i < ARRAY_SIZE(odma_ways); i++)
		check(fx, &odma_ways[i]);
}

/* Memory that nobody wrote. */
static void *odma_fresh(struct odma_fixture *fx, size_t size)
{
	void *buf = kunit_kmalloc(fx->test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(fx->test, buf);
	return buf;
}

static u8 odma_parity;

/*
 * A driver that decides something by what is in memory. That is the use that
 * KMSAN reports, once: reading alone is none. A wider sum would not do: KMSAN
 * knows that one with a bit set that can't come from a byte is not 0.
 */
static noinline void odma_look_at(const u8 *buf, size_t size)
{
	u8 parity = 0;

	while (size--)
		parity ^= *buf++;
	if (parity)
		WRITE_ONCE(odma_parity, parity);
}

static void odma_expect_initialised(struct odma_fixture *fx, const void *buf,
				    size_t size, const char *what)
{
	odma_expect_no_report();
	odma_look_at(buf, size);
	odma_check_reports(fx->test, what);
}

static void odma_expect_uninitialised(struct odma_fixture *fx,
				      const void *buf, size_t size,
				      const char *what)
{
	odma_expect_reports(1, "odma_look_at");
	odma_look_at(buf, size);
	odma_check_reports(fx->test, what);
}

/* Does KMSAN work at all, and is what the other cases rely on true? */
static void odma_kmsan_control(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *buf = odma_fresh(fx, ODMA_BUF_SIZE);

	odma_expect_uninitialised(fx, buf, ODMA_BUF_SIZE, "fresh");
	memset(buf, 1, ODMA_BUF_SIZE - 1);
	odma_expect_uninitialised(fx, buf, ODMA_BUF_SIZE, "all but a byte");
	odma_expect_initialised(fx, buf, ODMA_BUF_SIZE - 1, "written");
}

static void odma_to_device(struct odma_fixture *fx, const struct odma_way *way)
{
	u8 *buf = odma_fresh(fx, ODMA_BUF_SIZE);

	odma_expect_reports(1, odma_reporter(fx, way));
	way->map(fx, buf, ODMA_BUF_SIZE, DMA_TO_DEVICE);
	odma_check_reports(fx->test, way->name);
	/* The device had it, and that is no reason to trust it. */
	odma_expect_uninitialised(fx, buf, ODMA_BUF_SIZE, way->name);

	memset(buf, 0, ODMA_BUF_SIZE);
	odma_expect_no_report();
	way->map(fx, buf, ODMA_BUF_SIZE, DMA_TO_DEVICE);
	way->map(fx, buf, ODMA_BUF_SIZE, DMA_BIDIRECTIONAL);
	odma_check_reports(fx->test, way->name);
}

static void odma_each_to_device(struct odma_fixture *fx)
{
	odma_each_way(fx, odma_to_device);
}

static void odma_kmsan_to_device(struct kunit *test)
{
	odma_in_each_mode(test, odma_each_to_device);
}

static void odma_from_device(struct odma_fixture *fx,
			     const struct odma_way *way)
{
	u8 *buf = odma_fresh(fx, ODMA_BUF_SIZE);
	const size_t end = ODMA_BUF_SIZE - 20;

	odma_expect_no_report();
	way->map(fx, buf + 10, end - 10, DMA_FROM_DEVICE);
	odma_check_reports(fx->test, way->name);
	odma_expect_initialised(fx, buf + 10, end - 10, way->name);
	/* To the byte: the device did not write what is around. */
	odma_expect_uninitialised(fx, buf + 9, 1, way->name);
	odma_expect_uninitialised(fx, buf + end, 1, way->name);
}

static void odma_each_from_device(struct odma_fixture *fx)
{
	odma_each_way(fx, odma_from_device);
}

static void odma_kmsan_from_device(struct kunit *test)
{
	odma_in_each_mode(test, odma_each_from_device);
}

static void odma_both_ways(struct odma_fixture *fx, const struct odma_way *way)
{
	u8 *buf = odma_fresh(fx, ODMA_BUF_SIZE);

	odma_expect_reports(1, odma_reporter(fx, way));
	way->map(fx, buf, ODMA_BUF_SIZE, DMA_BIDIRECTIONAL);
	odma_check_reports(fx->test, way->name);
	odma_expect_initialised(fx, buf, ODMA_BUF_SIZE, way->name);
}

static void odma_each_both_ways(struct odma_fixture *fx)
{
	odma_each_way(fx, odma_both_ways);
}

static void odma_kmsan_both_ways(struct kunit *test)
{
	odma_in_each_mode(test, odma_each_both_ways);
}

/*
 * One byte that nobody wrote. It is at a cache line's beginning, where flushing
 * the line could pass for writing it.
 */
static void odma_one_byte(struct odma_fixture *fx, const struct odma_way *way)
{
	u8 *buf = odma_fresh(fx, 4 * SMP_CACHE_BYTES);
	u8 *gap = PTR_ALIGN(buf + 1, SMP_CACHE_BYTES);

	memset(buf, 0, gap - buf);
	memset(gap + 1, 0, buf + 4 * SMP_CACHE_BYTES - gap - 1);
	odma_expect_no_report();
	way->map(fx, buf, gap - buf, DMA_TO_DEVICE);
	way->map(fx, gap + 1, SMP_CACHE_BYTES, DMA_TO_DEVICE);
	odma_check_reports(fx->test, way->name);
	odma_expect_reports(1, odma_reporter(fx, way));
	way->map(fx, buf, 4 * SMP_CACHE_BYTES, DMA_TO_DEVICE);
	odma_check_reports(fx->test, way->name);
}

static void odma_each_one_byte(struct odma_fixture *fx)
{
	odma_each_way(fx, odma_one_byte);
}

static void odma_kmsan_one_byte(struct kunit *test)
{
	odma_in_each_mode(test, odma_each_one_byte);
}

/* A mapping that begins in one page and ends in the next: a report for each. */
static void odma_two_pages(struct odma_fixture *fx, const struct odma_way *way)
{
	u8 *buf = odma_fresh(fx, 2 * PAGE_SIZE);

	odma_expect_reports(2, odma_reporter(fx, way));
	way->map(fx, buf + 100, PAGE_SIZE, DMA_TO_DEVICE);
	odma_check_reports(fx->test, way->name);
	memset(buf, 0, PAGE_SIZE);
	odma_expect_reports(1, odma_reporter(fx, way));
	way->map(fx, buf + 100, PAGE_SIZE, DMA_TO_DEVICE);
	odma_check_reports(fx->test, way->name);
	way->map(fx, buf + PAGE_SIZE - 1, PAGE_SIZE + 1, DMA_FROM_DEVICE);
	odma_expect_initialised(fx, buf, 2 * PAGE_SIZE, way->name);
}

static void odma_each_two_pages(struct odma_fixture *fx)
{
	odma_each_way(fx, odma_two_pages);
}

static void odma_kmsan_two_pages(struct kunit *test)
{
	odma_in_each_mode(test, odma_each_two_pages);
}

/* A list of which only @fresh was not written. */
static void odma_make_list(struct odma_fixture *fx, struct scatterlist *sgl,
			   int fresh)
{
	int i;

	sg_init_table(sgl, ODMA_LIST_LEN);
	for (i = 0; i < ODMA_LIST_LEN; i++) {
		u8 *buf = odma_fresh(fx, ODMA_BUF_SIZE);

		if (i != fresh)
			memset(buf, i, ODMA_BUF_SIZE);
		sg_set_buf(&sgl[i], buf, ODMA_BUF_SIZE);
	}
}

static void odma_list(struct odma_fixture *fx, const struct odma_way *way)
{
	struct scatterlist sgl[ODMA_LIST_LEN];
	int i;

	if (!way->map_list)
		return;
	for (i = 0; i < ODMA_LIST_LEN; i++) {
		odma_make_list(fx, sgl, i);
		odma_expect_reports(1, odma_reporter(fx, way));
		way->map_list(fx, sgl, ODMA_LIST_LEN, DMA_TO_DEVICE);
		odma_check_reports(fx->test, way->name);
		way->map_list(fx, sgl, ODMA_LIST_LEN, DMA_FROM_DEVICE);
		odma_expect_initialised(fx, sg_virt(&sgl[i]), ODMA_BUF_SIZE,
					way->name);
	}
}

static void odma_each_list(struct odma_fixture *fx)
{
	odma_each_way(fx, odma_list);
}

static void odma_kmsan_list(struct kunit *test)
{
	odma_in_each_mode(test, odma_each_list);
}

/* What was not mapped does not go to the device, and nothing came from it. */
static void odma_not_mapped(struct odma_fixture *fx)
{
	void *buf = odma_fresh(fx, ODMA_BUF_SIZE);
	struct scatterlist sg;

	if (!fx->mode->rule)
		return;
	sg_init_one(&sg, buf, ODMA_BUF_SIZE);
	odma_set_masks(fx, DMA_BIT_MASK(12));
	odma_expect_no_report();
	KUNIT_EXPECT_EQ(fx->test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, ODMA_BUF_SIZE,
					DMA_BIDIRECTIONAL));
	KUNIT_EXPECT_EQ(fx->test, 0, odma_map_sg(fx->dev, &sg, 1,
						 DMA_BIDIRECTIONAL));
	odma_check_reports(fx->test, "failed");
	odma_set_masks(fx, DMA_BIT_MASK(64));
	odma_expect_uninitialised(fx, buf, ODMA_BUF_SIZE, "failed");
}

static void odma_kmsan_not_mapped(struct kunit *test)
{
	odma_in_each_mode(test, odma_not_mapped);
}

/* A sync has nothing to add: see mapping/kmsan.h. */
static void odma_synced(struct odma_fixture *fx)
{
	void *buf = odma_fresh(fx, ODMA_BUF_SIZE);
	dma_addr_t addr;

	addr = odma_map_single(fx->dev, buf, ODMA_BUF_SIZE, DMA_FROM_DEVICE);
	KUNIT_ASSERT_EQ(fx->test, 0, odma_mapping_error(fx->dev, addr));
	odma_expect_no_report();
	odma_sync_single_for_cpu(fx->dev, addr, ODMA_BUF_SIZE,
				 DMA_FROM_DEVICE);
	odma_look_at(buf, ODMA_BUF_SIZE);
	odma_sync_single_for_device(fx->dev, addr, ODMA_BUF_SIZE,
				    DMA_FROM_DEVICE);
	odma_unmap_single(fx->dev, addr, ODMA_BUF_SIZE, DMA_FROM_DEVICE);
	odma_look_at(buf, ODMA_BUF_SIZE);
	odma_check_reports(fx->test, "synced");
}

static void odma_kmsan_synced(struct kunit *test)
{
	odma_in_each_mode(test, odma_synced);
}

static void odma_coherent(struct odma_fixture *fx)
{
	static const gfp_t gfps[] = { GFP_KERNEL, GFP_ATOMIC };
	static const size_t sizes[] = { 1, PAGE_SIZE, 3 * PAGE_SIZE };
	dma_addr_t handle;
	struct page *page;
	void *cpu;
	int i, j;

	odma_expect_no_report();
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t whole = PAGE_ALIGN(sizes[i]);

		for (j = 0; j < ARRAY_SIZE(gfps); j++) {
			cpu = odma_alloc_coherent(fx->dev, sizes[i], &handle,
						  gfps[j]);
			KUNIT_ASSERT_NOT_NULL(fx->test, cpu);
			odma_look_at(cpu, whole);
			odma_free_coherent(fx->dev, sizes[i], cpu, handle);
		}
		page = dma_alloc_pages(fx->dev, whole, &handle,
				       DMA_BIDIRECTIONAL, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(fx->test, page);
		odma_look_at(page_address(page), whole);
		dma_free_pages(fx->dev, whole, page, handle,
			       DMA_BIDIRECTIONAL);
	}
	odma_check_reports(fx->test, "coherent");
}

static void odma_kmsan_coherent(struct kunit *test)
{
	odma_in_each_mode(test, odma_coherent);
}

static int odma_kmsan_init(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_KMSAN))
		kunit_skip(test, "not a kernel that tracks initialisation");
	odma_unbound_init(test);
	return register_trace_console(odma_see_line, NULL);
}

static void odma_kmsan_exit(struct kunit *test)
{
	if (IS_ENABLED(CONFIG_KMSAN)) {
		unregister_trace_console(odma_see_line, NULL);
		tracepoint_synchronize_unregister();
	}
	odma_fixture_exit(test);
}

static struct kunit_case odma_kmsan_cases[] = {
	KUNIT_CASE(odma_kmsan_control),
	KUNIT_CASE(odma_kmsan_to_device),
	KUNIT_CASE(odma_kmsan_from_device),
	KUNIT_CASE(odma_kmsan_both_ways),
	KUNIT_CASE(odma_kmsan_one_byte),
	KUNIT_CASE(odma_kmsan_two_pages),
	KUNIT_CASE(odma_kmsan_list),
	KUNIT_CASE(odma_kmsan_not_mapped),
	KUNIT_CASE(odma_kmsan_synced),
	KUNIT_CASE(odma_kmsan_coherent),
	{}
};

struct kunit_suite odma_kmsan_suite = {
	.name = "odma-kmsan",
	.suite_init = odma_begin_suite,
	.init = odma_kmsan_init,
	.exit = odma_kmsan_exit,
	.test_cases = odma_kmsan_cases,
};
