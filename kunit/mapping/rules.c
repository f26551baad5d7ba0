// SPDX-License-Identifier: GPL-2.0
/*
 * Rules: what is refused, with which error, and that nothing is left over from
 * what was.
 */
#include <linux/sizes.h>
#include "../shared/fixture.h"
#include "../shared/recorder.h"
#include "../suites.h"

static unsigned int odma_number_of(struct odma_fixture *fx, const char *key)
{
	unsigned int number = 0;

	KUNIT_ASSERT_NOT_NULL(fx->test, odma_device_of(fx->dev));
	KUNIT_EXPECT_TRUE(fx->test, odma_option_number(odma_device_of(fx->dev),
						       key, &number));
	return number;
}

static void odma_rules_bad_words(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_EXPECT_EQ(test, -EINVAL, odma_add_rule(""));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_add_rule("\n"));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_add_rule("platform"));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_add_rule("platform odma-kunit.0"));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			odma_add_device_rule(fx, "direct quick"));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			odma_add_device_rule(fx, "direct stats stat"));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_add_device_rule(fx, "direct =no"));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_add_device_rule(fx, "direct ="));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_remove_device_rule(fx));
}

static void odma_rules_bad_options(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			odma_add_device_rule(fx, "direct coherent=maybe"));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			odma_add_device_rule(fx, "direct coherent="));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			odma_add_device_rule(fx, "direct pool=1"));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			odma_add_device_rule(fx, "direct coherent=no pool=1"));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_remove_device_rule(fx));
	/* A backend that takes no options takes none. */
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&odma_recorder));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			odma_add_device_rule(fx, ODMA_RECORDER " coherent=no"));
	KUNIT_EXPECT_EQ(test, 0, odma_unregister_backend(&odma_recorder));
}

/* Each word is known, and the rule says two things all the same. */
static void odma_rules_said_twice(struct kunit *test)
{
	static const char * const rules[] = {
		"direct coherent=yes coherent=no",
		"direct coherent=no coherent=no",
		"direct coherent=no stats coherent=no",
		"swiotlb force auto",
	};
	struct odma_fixture *fx = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    odma_add_device_rule(fx, rules[i]), "%s",
				    rules[i]);
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_remove_device_rule(fx));
}

/* What separates nothing, or has a number in front that is as good as none. */
static void odma_rules_separators(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_EXPECT_EQ(test, -ENOENT, odma_add_device_rule(fx, "direct;"));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			odma_add_device_rule(fx, "direct;platform x direct"));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_remove_device_rule(fx));
	KUNIT_ASSERT_EQ(test, 0,
			odma_add_device_rule(fx,
				"swiotlb pool_kib=0x00000000000000000100"));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, SZ_256K / SZ_1K,
			odma_number_of(fx, "pool_kib"));
}

/* As lspci has it, and as the bus has it. */
static void odma_rules_pci_names(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_PCI))
		kunit_skip(test, "this kernel has no PCI");
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_add_rule("pci 1e.7 direct"));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_add_rule("pci 00:1e direct"));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_add_rule("pci 00:1e.7x direct"));
	KUNIT_ASSERT_EQ(test, 0, odma_add_rule("pci fe:1e.7 direct"));
	KUNIT_EXPECT_EQ(test, -EEXIST,
			odma_add_rule("pci 0000:fe:1e.7 direct"));
	KUNIT_EXPECT_EQ(test, 0, odma_remove_rule("pci 0000:fe:1e.7"));
	KUNIT_ASSERT_EQ(test, 0, odma_add_rule("pci 0000:fe:1e.7 direct"));
	KUNIT_EXPECT_EQ(test, 0, odma_remove_rule("pci fe:1e.7"));
}

/* A device that lets its parent do it would be attached for nothing. */
static void odma_rules_no_mask(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u64 *mask = fx->dev->dma_mask;

	fx->dev->dma_mask = NULL;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, odma_add_device_rule(fx, "direct"));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, odma_attach(fx->dev, "direct", 0));
	fx->dev->dma_mask = mask;
	KUNIT_EXPECT_EQ(test, 0, odma_add_device_rule(fx, "direct"));
}

static void odma_rules_good_options(struct kunit *test)
{
	static const char * const words[] = {
		"direct", "direct stats", "direct coherent=yes",
		"direct coherent=no stats", "  direct \t stats  coherent=no\n",
	};
	struct odma_fixture *fx = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		bool no = strstr(words[i], "coherent=no");
		struct odma_device *odev;

		KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, words[i]));
		KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
		odev = odma_device_of(fx->dev);
		KUNIT_ASSERT_NOT_NULL(test, odev);
		KUNIT_EXPECT_EQ(test, !!(odev->flags & ODMA_STATS),
				!!strstr(words[i], "stats"));
		KUNIT_EXPECT_EQ(test, no,
				odma_option_is(odev, "coherent", "no"));
		KUNIT_EXPECT_FALSE(test, odma_option_is(odev, "coher", "no"));
		KUNIT_EXPECT_FALSE(test, odma_option_is(odev, "coherent", "n"));
		odma_unbind_driver(fx, ODMA_DRIVER);
		KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
	}
}

static void odma_rules_unknown_names(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_EXPECT_EQ(test, -ENODEV, odma_add_rule("plat odma-kunit direct"));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_add_device_rule(fx, "nobody"));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_add_device_rule(fx, "direc"));
	KUNIT_EXPECT_EQ(test, -ENODEV, odma_remove_rule("plat odma-kunit"));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_remove_rule("platform odma-none"));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_remove_rule(""));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_remove_rule("platform"));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_remove_rule("platform a direct"));
	KUNIT_EXPECT_EQ(test, 0, odma_add_device_rule(fx, "direct"));
}

static void odma_rules_twice(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, "direct stats"));
	KUNIT_EXPECT_EQ(test, -EEXIST,
			odma_add_device_rule(fx, "direct stats"));
	KUNIT_EXPECT_EQ(test, -EEXIST, odma_add_device_rule(fx, "direct"));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, odma_device_of(fx->dev)->flags, ODMA_STATS);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_remove_device_rule(fx));
}

static void odma_rules_bound_device(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_add_device_rule(fx, "direct"));
	KUNIT_EXPECT_NULL(test, odma_device_of(fx->dev));
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, "direct"));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_remove_device_rule(fx));
	KUNIT_EXPECT_NOT_NULL(test, odma_device_of(fx->dev));
}

/* A rule taken back while a device is bound that it does not concern yet. */
static void odma_rules_remove_unused(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, "direct"));
	KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_FALSE(test, fx->attached_in_probe);
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_remove_device_rule(fx));
}

/* Documentation/rules.md: 256 characters at most. */
static void odma_rules_long_words(struct kunit *test)
{
	char *rule = kunit_kzalloc(test, 9000, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rule);
	memset(rule, 'x', 8000);
	memcpy(rule, "platform ", 9);
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_add_rule(rule));
	strscpy(rule + 250, " direct", 8);
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_add_rule(rule));
	strscpy(rule + 249, " direct", 8);
	KUNIT_EXPECT_EQ(test, 0, odma_add_rule(rule));
	KUNIT_EXPECT_EQ(test, -EEXIST, odma_add_rule(rule));
	rule[249] = '\0';
	KUNIT_EXPECT_EQ(test, 0, odma_remove_rule(rule));
}

static struct kunit_case odma_rules_cases[] = {
	KUNIT_CASE(odma_rules_bad_words),
	KUNIT_CASE(odma_rules_bad_options),
	KUNIT_CASE(odma_rules_said_twice),
	KUNIT_CASE(odma_rules_separators),
	KUNIT_CASE(odma_rules_pci_names),
	KUNIT_CASE(odma_rules_no_mask),
	KUNIT_CASE(odma_rules_good_options),
	KUNIT_CASE(odma_rules_unknown_names),
	KUNIT_CASE(odma_rules_twice),
	KUNIT_CASE(odma_rules_bound_device),
	KUNIT_CASE(odma_rules_remove_unused),
	KUNIT_CASE(odma_rules_long_words),
	{}
};

struct kunit_suite odma_rules_suite = {
	.name = "odma-rules",
	.suite_init = odma_begin_suite,
	.init = odma_unbound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_rules_cases,
};
