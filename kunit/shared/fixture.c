// SPDX-License-Identifier: GPL-2.0
/*
 * The device that the suites run on, its drivers, and its way under odma.
 */
#include <linux/delay.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include "fixture.h"

#define ODMA_TEST_DEVICE	"odma-kunit"
#define ODMA_TEST_OTHER		"odma-kunit-other"
#define ODMA_TEST_REF		"odma-kunit-ref"

static const struct odma_mode odma_modes[] = {
	{ .name = "not attached" },
	{ .name = "direct", .rule = "direct" },
	{ .name = "direct coherent=no", .rule = "direct coherent=no",
	  .uncached = true },
	{ .name = "direct stats", .rule = "direct stats", .stats = true },
};

/* Cases run one after the other, so there is one at most. */
static struct odma_fixture *odma_running;
static int odma_next_id;

static const void *odma_mode_after(const void *prev, char *desc, int first)
{
	const struct odma_mode *mode = prev;

	mode = mode ? mode + 1 : &odma_modes[first];
	if (mode == &odma_modes[ARRAY_SIZE(odma_modes)])
		return NULL;
	strscpy(desc, mode->name, KUNIT_PARAM_DESC_SIZE);
	return mode;
}

const void *odma_all_modes(const void *prev, char *desc)
{
	return odma_mode_after(prev, desc, 0);
}

const void *odma_attached_modes(const void *prev, char *desc)
{
	return odma_mode_after(prev, desc, 1);
}

static int odma_test_probe(struct platform_device *pdev)
{
	struct odma_fixture *fx = odma_running;

	if (!fx || pdev != fx->pdev)
		return 0;
	fx->probes++;
	fx->attached_in_probe = odma_device_of(fx->dev);
	return fx->probe ? fx->probe(fx, fx->dev) : fx->probe_ret;
}

static int odma_other_probe(struct platform_device *pdev)
{
	struct odma_fixture *fx = odma_running;

	if (!fx || pdev != fx->pdev || !fx->other_probe)
		return 0;
	return fx->other_probe(fx, fx->dev);
}

static const struct platform_device_id odma_other_ids[] = {
	{ ODMA_TEST_DEVICE, 0 },
	{ }
};

static struct platform_driver odma_test_drivers[] = {
	[ODMA_DRIVER] = {
		.probe = odma_test_probe,
		.driver.name = ODMA_TEST_DEVICE,
	},
	[ODMA_OTHER_DRIVER] = {
		.probe = odma_other_probe,
		.id_table = odma_other_ids,
		.driver.name = ODMA_TEST_OTHER,
	},
};

int odma_bind_driver(struct odma_fixture *fx, int which)
{
	int ret = platform_driver_register(&odma_test_drivers[which]);

	if (!ret)
		__set_bit(which, &fx->bound);
	return ret;
}

void odma_unbind_driver(struct odma_fixture *fx, int which)
{
	if (__test_and_clear_bit(which, &fx->bound))
		platform_driver_unregister(&odma_test_drivers[which]);
}

int odma_add_device_rule(struct odma_fixture *fx, const char *words)
{
	char *rule = kunit_kzalloc(fx->test, 256, GFP_KERNEL);
	int ret;

	KUNIT_ASSERT_NOT_NULL(fx->test, rule);
	snprintf(rule, 256, "platform %s %s", dev_name(fx->dev), words);
	ret = odma_add_rule(rule);
	fx->ruled |= !ret;
	return ret;
}

int odma_remove_device_rule(struct odma_fixture *fx)
{
	char rule[64];
	int ret;

	snprintf(rule, sizeof(rule), "platform %s", dev_name(fx->dev));
	ret = odma_remove_rule(rule);
	if (!ret)
		fx->ruled = false;
	return ret;
}

static struct platform_device *odma_test_device(struct kunit *test,
						const char *name)
{
	struct platform_device *pdev;

	pdev = platform_device_register_simple(name, odma_next_id++, NULL, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pdev));
#ifdef CONFIG_ARCH_HAS_SYNC_DMA_FOR_DEVICE
	/* What it is on x86, unless the rule says otherwise. */
	pdev->dev.dma_coherent = true;
#endif
	return pdev;
}

int odma_unbound_init(struct kunit *test)
{
	struct odma_fixture *fx = kunit_kzalloc(test, sizeof(*fx), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fx);
	test->priv = fx;
	fx->test = test;
	fx->mode = test->param_value ?: &odma_modes[0];
	fx->pdev = odma_test_device(test, ODMA_TEST_DEVICE);
	fx->dev = &fx->pdev->dev;
	fx->ref = odma_test_device(test, ODMA_TEST_REF);
	odma_running = fx;
	return 0;
}

int odma_bound_init(struct kunit *test)
{
	struct odma_fixture *fx;

	odma_unbound_init(test);
	fx = test->priv;
	if (fx->mode->rule)
		KUNIT_ASSERT_EQ(test, 0,
				odma_add_device_rule(fx, fx->mode->rule));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_ASSERT_PTR_EQ(test, fx->dev->driver,
			    &odma_test_drivers[ODMA_DRIVER].driver);
	KUNIT_ASSERT_EQ(test, !fx->mode->rule, !odma_device_of(fx->dev));
	return 0;
}

void odma_remove_device(struct odma_fixture *fx)
{
	platform_device_unregister(fx->pdev);
	fx->pdev = NULL;
	fx->dev = NULL;
}

void odma_fixture_exit(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_tally(test);
	if (!fx)
		return;
	odma_unbind_driver(fx, ODMA_DRIVER);
	odma_unbind_driver(fx, ODMA_OTHER_DRIVER);
	if (fx->ruled)
		odma_remove_device_rule(fx);
	if (fx->pdev)
		odma_remove_device(fx);
	if (fx->ref)
		platform_device_unregister(fx->ref);
	odma_running = NULL;
}

/*
 * The reaper works in the background. It lets go of the device's lock when all
 * is done, so having had that lock means that nothing is in flight.
 */
bool odma_wait_restored(struct odma_fixture *fx)
{
	int tries;

	for (tries = 0; tries < 500; tries++) {
		if (!READ_ONCE(fx->dev->dma_ops)) {
			device_lock(fx->dev);
			device_unlock(fx->dev);
			return true;
		}
		msleep(20);
	}
	return false;
}

bool odma_is_in_state(struct odma_fixture *fx, enum odma_state state)
{
	const struct odma_device *odev = odma_device_of(fx->dev);

	return odev && odev->state == state;
}

void odma_set_masks(struct odma_fixture *fx, u64 mask)
{
	*fx->dev->dma_mask = mask;
	fx->dev->coherent_dma_mask = mask;
	*fx->ref->dev.dma_mask = mask;
	fx->ref->dev.coherent_dma_mask = mask;
}

struct bus_dma_region odma_range(phys_addr_t cpu, dma_addr_t dma, u64 size)
{
	struct bus_dma_region range = {
		.cpu_start = cpu,
		.dma_start = dma,
		.size = size,
#ifdef ODMA_HAVE_BUS_DMA_REGION_OFFSET
		.offset = cpu - dma,
#endif
	};

	return range;
}

static void odma_set_device_ranges(struct odma_fixture *fx, struct device *dev,
				   const struct bus_dma_region *ranges,
				   size_t count)
{
	struct bus_dma_region *map = NULL;

	if (count) {
		map = kcalloc(count + 1, sizeof(*map), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(fx->test, map);
		memcpy(map, ranges, count * sizeof(*map));
	}
	kfree(dev->dma_range_map);
	dev->dma_range_map = map;
}

/*
 * The driver core frees the ranges when a driver is unbound. The reference has
 * no driver: its ranges are the case's to take back.
 */
void odma_set_ranges(struct odma_fixture *fx,
		     const struct bus_dma_region *ranges, size_t count)
{
	odma_set_device_ranges(fx, fx->dev, ranges, count);
}

struct odma_counters odma_counted_so_far(struct odma_fixture *fx)
{
	const struct odma_device *odev = odma_device_of(fx->dev);
	struct odma_counters sum = {};
	int cpu;

	KUNIT_ASSERT_NOT_NULL(fx->test, odev);
	for_each_possible_cpu(cpu) {
		const u64 *from = (u64 *)per_cpu_ptr(odev->counters, cpu);
		u64 *to = (u64 *)&sum;
		int i;

		for (i = 0; i < sizeof(sum) / sizeof(u64); i++)
			to[i] += from[i];
	}
	return sum;
}

struct odma_pages {
	struct page *page;
	gfp_t gfp;
	int order;
};

static int odma_pages_init(struct kunit_resource *res, void *context)
{
	struct odma_pages *want = context;

	/* A driver hands nothing else to a device; KMSAN would say so. */
	want->page = alloc_pages(want->gfp | __GFP_ZERO | __GFP_NOWARN,
				 want->order);
	if (!want->page)
		return -ENOMEM;
	res->data = kmemdup(want, sizeof(*want), GFP_KERNEL);
	return 0;
}

static void odma_pages_free(struct kunit_resource *res)
{
	struct odma_pages *have = res->data;

	__free_pages(have->page, have->order);
	kfree(have);
}

struct page *odma_test_pages(struct kunit *test, gfp_t gfp, int order)
{
	struct odma_pages want = { .gfp = gfp, .order = order };

	kunit_alloc_resource(test, odma_pages_init, odma_pages_free,
			     GFP_KERNEL, &want);
	KUNIT_ASSERT_NOT_NULL(test, want.page);
	return want.page;
}

/* Each entry has a page of its own, and begins a little further into it. */
struct scatterlist *odma_test_list(struct kunit *test, int nents, size_t len)
{
	struct scatterlist *sg;
	int i;

	sg = kunit_kcalloc(test, nents, sizeof(*sg), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sg);
	sg_init_table(sg, nents);
	for (i = 0; i < nents; i++)
		sg_set_page(&sg[i], odma_test_pages(test, GFP_KERNEL, 0), len,
			    i % 8 * 64);
	return sg;
}
