// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that is kept off its device.
 *
 * The functions are not exported, so the file is compiled in here once more.
 */
#include "../../mapping/veto.c"
#include "../shared/fixture.h"
#include "../suites.h"

static struct device *odma_veto_this;
static int odma_vetoed_binds;

static int odma_veto_event(struct notifier_block *nb, unsigned long event,
			     void *data)
{
	if (data != odma_veto_this)
		return NOTIFY_DONE;
	if (event == BUS_NOTIFY_BIND_DRIVER) {
		odma_vetoed_binds += !odma_veto_bind(data, -EACCES);
		/* Once is enough. */
		odma_veto_bind(data, -EACCES);
	}
	if (event == BUS_NOTIFY_DRIVER_NOT_BOUND)
		odma_end_veto(data);
	return NOTIFY_OK;
}

static struct notifier_block odma_veto_nb = {
	.notifier_call = odma_veto_event,
};

static int odma_veto_init(struct kunit *test)
{
	int ret = odma_unbound_init(test);

	odma_vetoed_binds = 0;
	odma_veto_this = NULL;
	return ret ?: bus_register_notifier(&platform_bus_type,
					    &odma_veto_nb);
}

static void odma_veto_exit(struct kunit *test)
{
	bus_unregister_notifier(&platform_bus_type, &odma_veto_nb);
	odma_veto_this = NULL;
	odma_fixture_exit(test);
}

static void odma_veto_once(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_veto_this = fx->dev;
	odma_bind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, odma_vetoed_binds, 1);
	KUNIT_EXPECT_EQ(test, fx->probes, 0);
	KUNIT_EXPECT_NULL(test, fx->dev->driver);
	KUNIT_EXPECT_NULL(test, fx->dev->pm_domain);
	odma_unbind_driver(fx, ODMA_DRIVER);
	/* The next bind is a new one. */
	odma_veto_this = NULL;
	KUNIT_EXPECT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, fx->probes, 1);
	KUNIT_EXPECT_NOT_NULL(test, fx->dev->driver);
}

static int odma_veto_activations;

static int odma_count_activation(struct device *dev)
{
	odma_veto_activations++;
	return 0;
}

static void odma_count_dismissal(struct device *dev)
{
	odma_veto_activations--;
}

/* A device that has a PM domain keeps it, and that hears both or neither. */
static void odma_veto_domain(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct dev_pm_domain domain = {
		.activate = odma_count_activation,
		.dismiss = odma_count_dismissal,
	};

	odma_veto_activations = 0;
	fx->dev->pm_domain = &domain;
	odma_veto_this = fx->dev;
	odma_bind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, fx->probes, 0);
	KUNIT_EXPECT_PTR_EQ(test, fx->dev->pm_domain, &domain);
	KUNIT_EXPECT_EQ(test, odma_veto_activations, 0);
	fx->dev->pm_domain = NULL;
}

/* Refused, but the driver core gave up before it came to that. */
static void odma_veto_early_end(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct dev_pm_domain domain = {};

	fx->dev->pm_domain = &domain;
	KUNIT_ASSERT_EQ(test, 0, odma_veto_bind(fx->dev, -EACCES));
	KUNIT_EXPECT_PTR_NE(test, fx->dev->pm_domain, &domain);
	odma_end_veto(fx->dev);
	KUNIT_EXPECT_PTR_EQ(test, fx->dev->pm_domain, &domain);
	odma_end_veto(fx->dev);
	KUNIT_EXPECT_PTR_EQ(test, fx->dev->pm_domain, &domain);
	fx->dev->pm_domain = NULL;
}

static struct kunit_case odma_veto_cases[] = {
	KUNIT_CASE(odma_veto_once),
	KUNIT_CASE(odma_veto_domain),
	KUNIT_CASE(odma_veto_early_end),
	{}
};

struct kunit_suite odma_veto_suite = {
	.name = "odma-veto",
	.suite_init = odma_begin_suite,
	.init = odma_veto_init,
	.exit = odma_veto_exit,
	.test_cases = odma_veto_cases,
};
