// SPDX-License-Identifier: GPL-2.0
/*
 * A probe that takes its time keeps nobody waiting: neither the rules of other
 * devices, nor what is given back, nor itself.
 */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/jiffies.h>
#include "../shared/fixture.h"
#include "../suites.h"

/* Longer than odma waits for a device, and shorter than anybody notices. */
#define ODMA_SLOW_LIMIT	(8 * HZ)

/* A clean-up that is slow, too: what looks at the device meanwhile waits. */
static void odma_slow_clean_up(void *unused)
{
	msleep(200);
}

static int odma_probe_fails_slowly(struct odma_fixture *fx, struct device *dev)
{
	int ret = devm_add_action(dev, odma_slow_clean_up, NULL);

	return ret ?: -ENODEV;
}

static char odma_ref_rule[64];

static const char *odma_rule_for_ref(struct odma_fixture *fx, const char *words)
{
	snprintf(odma_ref_rule, sizeof(odma_ref_rule), "platform %s%s",
		 dev_name(&fx->ref->dev), words);
	return odma_ref_rule;
}

/* In a probe, with the device's lock held, as it may be for minutes. */
static int odma_write_rules(struct odma_fixture *fx, struct device *dev)
{
	unsigned long begin = jiffies;

	KUNIT_EXPECT_EQ(fx->test, 0,
			odma_add_rule(odma_rule_for_ref(fx, " direct")));
	KUNIT_EXPECT_EQ(fx->test, 0,
			odma_remove_rule(odma_rule_for_ref(fx, "")));
	KUNIT_EXPECT_EQ(fx->test, -EBUSY, fx->ruled ?
			odma_remove_device_rule(fx) :
			odma_add_device_rule(fx, "direct"));
	KUNIT_EXPECT_TRUE(fx->test, time_before(jiffies,
						begin + ODMA_SLOW_LIMIT));
	return 0;
}

/* One driver's probe has failed, and the next one's begins at once. */
static void odma_slow_after_failed(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	device_release_driver(fx->dev);
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_OTHER_DRIVER));
	device_release_driver(fx->dev);
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, "direct"));
	fx->probe = odma_probe_fails_slowly;
	fx->other_probe = odma_write_rules;
	KUNIT_EXPECT_EQ(test, 1, device_attach(fx->dev));
	KUNIT_EXPECT_NOT_NULL(test, odma_device_of(fx->dev));
}

/* It asks for a rule for itself: that comes too late, and is refused. */
static void odma_slow_itself(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	fx->probe = odma_write_rules;
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_NOT_NULL(test, fx->dev->driver);
	KUNIT_EXPECT_NULL(test, odma_device_of(fx->dev));
}

/*
 * What failed before is given back though the device's lock was not to be had
 * for a while; whoever writes a rule as soon as it is finds it given back.
 */
static void odma_slow_restored(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	int i;

	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, "direct"));
	fx->probe_ret = -ENODEV;
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_NE(test, 1, device_attach(fx->dev));
		KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
		KUNIT_EXPECT_NULL(test, odma_device_of(fx->dev));
		KUNIT_EXPECT_EQ(test, 0, odma_add_device_rule(fx, "direct"));
	}
	KUNIT_EXPECT_NE(test, 1, device_attach(fx->dev));
	device_lock(fx->dev);
	msleep(100);
	device_unlock(fx->dev);
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
}

static struct kunit_case odma_slow_cases[] = {
	KUNIT_CASE(odma_slow_after_failed),
	KUNIT_CASE(odma_slow_itself),
	KUNIT_CASE(odma_slow_restored),
	{}
};

struct kunit_suite odma_slow_suite = {
	.name = "odma-slow",
	.suite_init = odma_begin_suite,
	.init = odma_unbound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_slow_cases,
};
