// SPDX-License-Identifier: GPL-2.0
/*
 * How pools come and go: declared and released in any state of the device, by
 * rules, for all devices; and kept for as long as memory of them is in use.
 */
#include <linux/ioport.h>
#include "fixture.h"
#include "../shared/log.h"
#include "../suites.h"

static int odma_declare_at(struct odma_fixture *fx, u64 phys, u64 size)
{
	return odma_declare_coherent_memory(fx->dev, phys, ODMA_POOL_DERIVE,
					    size);
}

static bool odma_claimed(u64 phys, u64 size)
{
	if (!request_mem_region(phys, size, "odma-kunit probe"))
		return true;
	release_mem_region(phys, size);
	return false;
}

/* One allocation: is it from there? */
static bool odma_served_from(struct odma_fixture *fx, u64 phys, u64 size)
{
	struct odma_buffer buf;
	bool from;

	if (!odma_get_buffer(fx, &buf, PAGE_SIZE))
		return false;
	from = odma_buffer_at(&buf, phys, size);
	odma_put_buffer(fx, &buf);
	return from;
}

/*
 * Memory that the driver "forgets": of this the device's counters know nothing,
 * so that the log says nothing of a leak that is on purpose.
 */
static void *odma_leak(struct odma_fixture *fx, size_t size)
{
	dma_addr_t handle;
	void *cpu = odma_alloc_from_dev_coherent(fx->dev, size, &handle);

	KUNIT_ASSERT_NOT_NULL(fx->test, cpu);
	return cpu;
}

static void odma_set_declare_attached(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_bind_with(fx, "");
	KUNIT_EXPECT_FALSE(test, odma_served_from(fx, 0x44000000, SZ_64K));
	KUNIT_EXPECT_EQ(test, 0, odma_declare_at(fx, 0x44000000, SZ_64K));
	KUNIT_EXPECT_TRUE(test, odma_claimed(0x44000000, SZ_64K));
	KUNIT_EXPECT_TRUE(test, odma_served_from(fx, 0x44000000, SZ_64K));
	odma_rebind(fx);
	KUNIT_EXPECT_TRUE(test, odma_served_from(fx, 0x44000000, SZ_64K));
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
	KUNIT_EXPECT_FALSE(test, odma_claimed(0x44000000, SZ_64K));
	KUNIT_EXPECT_FALSE(test, odma_served_from(fx, 0x44000000, SZ_64K));
	odma_rebind(fx);
	KUNIT_EXPECT_FALSE(test, odma_served_from(fx, 0x44000000, SZ_64K));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_release_coherent_memory(fx->dev));
}

/* Before the device is attached, and released when it isn't any more. */
static void odma_set_declare_unattached(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_EXPECT_EQ(test, -ENOENT, odma_release_coherent_memory(fx->dev));
	KUNIT_ASSERT_EQ(test, 0, odma_declare_at(fx, 0x44000000, SZ_64K));
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
	KUNIT_ASSERT_EQ(test, 0, odma_declare_at(fx, 0x44000000, SZ_64K));
	odma_bind_with(fx, "");
	KUNIT_EXPECT_TRUE(test, odma_served_from(fx, 0x44000000, SZ_64K));
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_TRUE(test, odma_claimed(0x44000000, SZ_64K));
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
	KUNIT_EXPECT_FALSE(test, odma_claimed(0x44000000, SZ_64K));
}

/* By the driver itself, with odma_attach(), the rule having no part in it. */
static void odma_set_without_rule(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_declare_at(fx, 0x44000000, SZ_64K));
	KUNIT_ASSERT_EQ(test, 0, odma_attach(fx->dev, "direct", 0));
	KUNIT_EXPECT_TRUE(test, odma_served_from(fx, 0x44000000, SZ_64K));
	KUNIT_EXPECT_EQ(test, 0, odma_detach(fx->dev));
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
}

/* One live allocation in one of two pools keeps both, usable. */
static void odma_set_release_busy(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_buffer first, second;
	char text[64];

	odma_bind_with(fx, "");
	KUNIT_ASSERT_EQ(test, 0, odma_declare_at(fx, 0x44000000, SZ_64K));
	KUNIT_ASSERT_EQ(test, 0, odma_declare_at(fx, 0x44100000, SZ_64K));
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &first, SZ_64K));
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &second, SZ_16K));
	KUNIT_ASSERT_EQ(test, second.handle, 0x44100000);
	odma_put_buffer(fx, &first);
	odma_mark_log();
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_release_coherent_memory(fx->dev));
	snprintf(text, sizeof(text),
		 "%s (odma-kunit) holds 0x44100000+0x4000", dev_name(fx->dev));
	KUNIT_EXPECT_EQ(test, 1, odma_log_lines(text));
	KUNIT_EXPECT_EQ(test, 1, odma_log_lines(" holds "));
	KUNIT_EXPECT_TRUE(test, odma_served_from(fx, 0x44000000, SZ_64K));
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &first, SZ_64K));
	KUNIT_EXPECT_TRUE(test, odma_served_from(fx, 0x44100000, SZ_64K));
	odma_put_buffer(fx, &first);
	odma_put_buffer(fx, &second);
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
	KUNIT_EXPECT_FALSE(test, odma_claimed(0x44000000, SZ_2M));
}

/* The log lists eight holders, and how many more there are. */
static void odma_set_many_holders(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_buffer buf[11];
	int i;

	odma_bind_with(fx, "");
	KUNIT_ASSERT_EQ(test, 0, odma_declare_at(fx, 0x44000000, SZ_64K));
	for (i = 0; i < ARRAY_SIZE(buf); i++)
		KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf[i], 64));
	odma_mark_log();
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_release_coherent_memory(fx->dev));
	KUNIT_EXPECT_EQ(test, 8, odma_log_lines(" holds 0x4400"));
	KUNIT_EXPECT_EQ(test, 1, odma_log_lines("... 3 more, see "));
	while (i--)
		odma_put_buffer(fx, &buf[i]);
}

/* What was left behind is found again when the driver comes back. */
static void odma_set_leaked(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	void *cpu;

	odma_bind_with(fx, "pool=0x44000000+64K");
	cpu = odma_leak(fx, SZ_16K);
	memset(cpu, 0x99, SZ_16K);
	odma_log_leftovers(true);
	odma_unbind_driver(fx, ODMA_DRIVER);
	odma_log_leftovers(false);
	/* The rule goes, and the memory is still its owner's. */
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_declare_at(fx, 0x44000000, SZ_4K));
	KUNIT_EXPECT_EQ(test, 0,
			odma_add_device_rule(fx, "direct pool=0x44000000+64K"));
	odma_rebind(fx);
	KUNIT_EXPECT_EQ(test, odma_own_pool(fx, 0)->map.used, 4);
	KUNIT_EXPECT_TRUE(test, odma_served_from(fx, 0x44004000, SZ_32K));
	KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0x99, SZ_16K));
	KUNIT_EXPECT_TRUE(test, odma_release_from_dev_coherent(fx->dev, SZ_16K,
							       cpu));
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	KUNIT_EXPECT_FALSE(test, odma_claimed(0x44000000, SZ_64K));
}

static void odma_set_leaked_declared(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	void *cpu;

	odma_bind_with(fx, "");
	KUNIT_ASSERT_EQ(test, 0, odma_declare_at(fx, 0x44000000, SZ_64K));
	cpu = odma_leak(fx, SZ_16K);
	odma_log_leftovers(true);
	odma_unbind_driver(fx, ODMA_DRIVER);
	odma_log_leftovers(false);
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_release_coherent_memory(fx->dev));
	KUNIT_EXPECT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_release_coherent_memory(fx->dev));
	KUNIT_EXPECT_TRUE(test, odma_release_from_dev_coherent(fx->dev, SZ_16K,
							       cpu));
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
	KUNIT_EXPECT_FALSE(test, odma_claimed(0x44000000, SZ_64K));
}

/* A rule's memory is claimed with the rule, device or no device. */
static void odma_set_rule_claims(struct kunit *test)
{
	static const char rule[] = "direct pool=1088M+64K pool=0x44100000+64K";
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, rule));
	KUNIT_EXPECT_TRUE(test, odma_claimed(0x44000000, SZ_64K));
	KUNIT_EXPECT_TRUE(test, odma_claimed(0x44100000, SZ_64K));
	/* Those of a rule are not released like what was declared. */
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_release_coherent_memory(fx->dev));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_release_coherent_memory(fx->dev));
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_remove_device_rule(fx));
	KUNIT_EXPECT_TRUE(test, odma_served_from(fx, 0x44000000, SZ_64K));
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	KUNIT_EXPECT_FALSE(test, odma_claimed(0x44000000, SZ_2M));
}

/* Both ways at once: releasing the one leaves the other, and "only". */
static void odma_set_rule_and_declared(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_buffer buf;

	KUNIT_ASSERT_EQ(test, 0, odma_declare_global_coherent(0x44200000,
							      SZ_16K));
	odma_bind_with(fx, "pool=0x44000000+64K pool=global pool=only");
	KUNIT_ASSERT_EQ(test, 0, odma_declare_at(fx, 0x44100000, SZ_64K));
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf, SZ_64K));
	KUNIT_EXPECT_EQ(test, buf.handle, 0x44000000);
	KUNIT_EXPECT_TRUE(test, odma_served_from(fx, 0x44100000, SZ_64K));
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
	KUNIT_EXPECT_FALSE(test, odma_claimed(0x44100000, SZ_64K));
	KUNIT_EXPECT_TRUE(test, odma_served_from(fx, 0x44200000, SZ_16K));
	odma_put_buffer(fx, &buf);
	KUNIT_EXPECT_TRUE(test, odma_served_from(fx, 0x44000000, SZ_64K));
	KUNIT_EXPECT_FALSE(test, odma_get_buffer(fx, &buf, SZ_1M));
}

/* The pool outlives its device, until it is released. */
static void odma_set_device_goes(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = get_device(fx->dev);

	odma_bind_with(fx, "");
	KUNIT_ASSERT_EQ(test, 0, odma_declare_at(fx, 0x44000000, SZ_64K));
	KUNIT_EXPECT_TRUE(test, odma_served_from(fx, 0x44000000, SZ_64K));
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_remove_device_rule(fx));
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	odma_remove_device(fx);
	KUNIT_EXPECT_TRUE(test, odma_claimed(0x44000000, SZ_64K));
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(dev));
	KUNIT_EXPECT_FALSE(test, odma_claimed(0x44000000, SZ_64K));
	put_device(dev);
}

/* With its driver bound, and a rule that stays. */
static void odma_set_device_goes_attached(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = get_device(fx->dev);
	char rule[64];

	odma_bind_with(fx, "pool=0x44100000+64K");
	snprintf(rule, sizeof(rule), "platform %s", dev_name(dev));
	KUNIT_ASSERT_EQ(test, 0, odma_declare_at(fx, 0x44000000, SZ_64K));
	odma_remove_device(fx);
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(dev));
	KUNIT_EXPECT_TRUE(test, odma_claimed(0x44100000, SZ_64K));
	KUNIT_EXPECT_EQ(test, 0, odma_remove_rule(rule));
	KUNIT_EXPECT_FALSE(test, odma_claimed(0x44000000, SZ_2M));
	fx->ruled = false;
	put_device(dev);
}

static void odma_set_global(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_buffer buf;

	KUNIT_EXPECT_EQ(test, -ENOENT, odma_release_global_coherent());
	KUNIT_ASSERT_EQ(test, 0, odma_declare_global_coherent(0x44000000,
							      SZ_64K));
	odma_mark_log();
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_declare_global_coherent(0x44100000,
								   SZ_64K));
	KUNIT_EXPECT_EQ(test, 1,
			odma_log_lines("there is one at 0x44000000+"));
	KUNIT_EXPECT_FALSE(test, odma_claimed(0x44100000, SZ_64K));
	odma_bind_with(fx, "pool=global pool=only");
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf, SZ_64K));
	KUNIT_EXPECT_EQ(test, buf.handle, 0x44000000);
	odma_mark_log();
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_release_global_coherent());
	KUNIT_EXPECT_EQ(test, 1, odma_log_lines("holds 0x44000000+0x10000"));
	odma_put_buffer(fx, &buf);
	/* It is not the device's own. */
	KUNIT_EXPECT_EQ(test, 0, odma_read_file(fx, "pool_bytes"));
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 0, odma_release_global_coherent());
	KUNIT_EXPECT_FALSE(test, odma_claimed(0x44000000, SZ_64K));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_release_global_coherent());
}

/* Released under a device that could use it: nothing comes from it any more. */
static void odma_set_global_goes(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_declare_global_coherent(0x44000000,
							      SZ_64K));
	odma_bind_with(fx, "pool=global");
	KUNIT_EXPECT_TRUE(test, odma_served_from(fx, 0x44000000, SZ_64K));
	KUNIT_EXPECT_EQ(test, 0, odma_release_global_coherent());
	KUNIT_EXPECT_FALSE(test, odma_served_from(fx, 0x44000000, SZ_64K));
	/* The device can still look at it: so it is not given to others yet. */
	KUNIT_EXPECT_TRUE(test, odma_claimed(0x44000000, SZ_64K));
	odma_mark_log();
	odma_rebind(fx);
	KUNIT_EXPECT_EQ(test, 1,
			odma_log_lines("there is no global pool any more"));
	KUNIT_EXPECT_FALSE(test, odma_claimed(0x44000000, SZ_64K));
	KUNIT_EXPECT_FALSE(test, odma_served_from(fx, 0x44000000, SZ_64K));
	KUNIT_ASSERT_EQ(test, 0, odma_declare_global_coherent(0x44000000,
							      SZ_64K));
	odma_rebind(fx);
	KUNIT_EXPECT_TRUE(test, odma_served_from(fx, 0x44000000, SZ_64K));
	odma_unbind_driver(fx, ODMA_DRIVER);
}

static struct kunit_case odma_pool_set_cases[] = {
	KUNIT_CASE(odma_set_declare_attached),
	KUNIT_CASE(odma_set_declare_unattached),
	KUNIT_CASE(odma_set_without_rule),
	KUNIT_CASE(odma_set_release_busy),
	KUNIT_CASE(odma_set_many_holders),
	KUNIT_CASE(odma_set_leaked),
	KUNIT_CASE(odma_set_leaked_declared),
	KUNIT_CASE(odma_set_rule_claims),
	KUNIT_CASE(odma_set_rule_and_declared),
	KUNIT_CASE(odma_set_device_goes),
	KUNIT_CASE(odma_set_device_goes_attached),
	KUNIT_CASE(odma_set_global),
	KUNIT_CASE(odma_set_global_goes),
	{}
};

struct kunit_suite odma_pool_set_suite = {
	.name = "odma-pool-set",
	.suite_init = odma_begin_suite,
	.init = odma_pool_init,
	.exit = odma_pool_exit,
	.test_cases = odma_pool_set_cases,
};
