// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: who may register a provider, and whose it is.
 */
#include <linux/module.h>
#include "fixture.h"
#include "../shared/log.h"
#include "../suites.h"

static void odma_provider_functions(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter mark;
	struct odma_iommu half;

	odma_soft = odma_soft_start(test, &(struct odma_soft_cfg) {
				    .granule_shift = 12, .ias = 48 }, fx->dev);
	half = odma_soft->iommu;
	odma_log_mark(&mark);
	KUNIT_EXPECT_EQ(test, -EEXIST, odma_register_iommu(&half));
	KUNIT_EXPECT_EQ(test, -EEXIST, odma_register_iommu(&odma_soft->iommu));
	KUNIT_EXPECT_EQ(test, 2, odma_log_count(&mark,
				"'soft' not registered: there is one"));
	half.name = "half";
	half.iova_to_phys = (void *)odma_provider_functions;
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_register_iommu(&half));
	half = odma_soft->iommu;
	half.flush = NULL;
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_register_iommu(&half));
	KUNIT_EXPECT_EQ(test, 2, odma_log_count(&mark,
						"a function is missing"));
}

/* 31 characters are a name, 32 are none. */
#define ODMA_LONG_NAME	"abcdefghijklmnopqrstuvwxyz01234"

static void odma_provider_names(struct kunit *test)
{
	static const char * const names[] = {
		NULL, "", "two words", "tab\t", "line\n", "a/b", "\033[31m",
		"\x7f", "caf\xe9", ODMA_LONG_NAME "5", ODMA_LONG_NAME
		ODMA_LONG_NAME ODMA_LONG_NAME,
	};
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter mark;
	struct odma_iommu other;
	int i;

	odma_soft = odma_soft_start(test, &(struct odma_soft_cfg) {
				    .granule_shift = 12, .ias = 48 }, fx->dev);
	other = odma_soft->iommu;
	odma_log_mark(&mark);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		other.name = names[i];
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL, odma_register_iommu(&other),
				    "name %d", i);
	}
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(names),
			odma_log_count(&mark, "a name is a word"));
	other.name = "\033[31m";
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_register_iommu(&other));
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&mark, "\033"));
	other.name = ODMA_LONG_NAME;
	KUNIT_EXPECT_EQ(test, 0, odma_register_iommu(&other));
	odma_unregister_iommu(&other);
}

/* Never registered, and twice: said, and the others are still there. */
static void odma_provider_unregister(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter mark;
	struct odma_iommu other;

	odma_soft = odma_soft_start(test, &(struct odma_soft_cfg) {
				    .granule_shift = 12, .ias = 48 }, fx->dev);
	memset(&other, 0, sizeof(other));
	odma_log_mark(&mark);
	odma_unregister_iommu(&other);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "never registered"));
	/* Named and linked like one that is. */
	other = odma_soft->iommu;
	odma_unregister_iommu(&other);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "never registered"));
	other.name = "other";
	KUNIT_EXPECT_EQ(test, 0, odma_register_iommu(&other));
	odma_unregister_iommu(&other);
	odma_unregister_iommu(&other);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "never registered"));
	KUNIT_EXPECT_EQ(test, -EEXIST, odma_register_iommu(&odma_soft->iommu));
}

static unsigned int odma_provider_refs(void)
{
#ifdef MODULE
	return module_refcount(THIS_MODULE);
#else
	return 0;
#endif
}

/* Whoever says nothing of an owner is held by its devices all the same. */
static void odma_provider_owner(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	unsigned int refs;

	odma_soft = odma_soft_start(test, &(struct odma_soft_cfg) {
				    .granule_shift = 12, .ias = 48 }, fx->dev);
	KUNIT_EXPECT_PTR_EQ(test, odma_soft->iommu.owner, THIS_MODULE);
	refs = odma_provider_refs();
	KUNIT_ASSERT_EQ(test, 0, odma_attach(fx->dev, "iommu", 0));
	KUNIT_EXPECT_EQ(test, refs + 1, odma_provider_refs());
	KUNIT_EXPECT_EQ(test, 0, odma_detach(fx->dev));
	KUNIT_EXPECT_EQ(test, refs, odma_provider_refs());
}

static struct kunit_case odma_iommu_registry_cases[] = {
	KUNIT_CASE(odma_provider_functions),
	KUNIT_CASE(odma_provider_names),
	KUNIT_CASE(odma_provider_unregister),
	KUNIT_CASE(odma_provider_owner),
	{}
};

struct kunit_suite odma_iommu_registry_suite = {
	.name = "odma-iommu-registry",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_unbound_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_registry_cases,
};
