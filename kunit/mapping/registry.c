// SPDX-License-Identifier: GPL-2.0
/*
 * The registry of backends: who gets in, who may leave.
 */
#include "../shared/fixture.h"
#include "../shared/recorder.h"
#include "../suites.h"

static void odma_registry_names(struct kunit *test)
{
	static const char * const bad[] = {
		NULL, "", "two words", "a,b", "a=b", "a/b", "a\n", "a\tb",
		"a;b", "a:b", ".", ".a", "..", "\a", "a\x7f", "\xe9",
		"a-name-of-32-characters-is-a-lot",
	};
	static const char * const good[] = {
		"odma-kunit-name", "a", "-", "_b.C9",
		"a-name-of-31-characters-is-fine",
	};
	struct odma_backend backend = odma_recorder;
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		backend.name = bad[i];
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    odma_register_backend(&backend),
				    "name %d", i);
	}
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		backend.name = good[i];
		KUNIT_EXPECT_EQ_MSG(test, 0, odma_register_backend(&backend),
				    "name '%s'", good[i]);
		KUNIT_EXPECT_EQ(test, 0, odma_unregister_backend(&backend));
	}
}

/* Who is who is no matter of the name. */
static void odma_registry_twice(struct kunit *test)
{
	struct odma_backend backend = odma_recorder, same = odma_recorder;

	backend.name = "direct";
	KUNIT_EXPECT_EQ(test, -EEXIST, odma_register_backend(&backend));
	/* Not registered: it must not take the real one with it. */
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_unregister_backend(&backend));
	backend.name = "odma-kunit-name";
	KUNIT_EXPECT_EQ(test, 0, odma_register_backend(&backend));
	KUNIT_EXPECT_EQ(test, -EEXIST, odma_register_backend(&backend));
	same.name = backend.name;
	KUNIT_EXPECT_EQ(test, -EEXIST, odma_register_backend(&same));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_unregister_backend(&same));
	/* Another name makes no other table of it. */
	backend.name = "odma-kunit-renamed";
	KUNIT_EXPECT_EQ(test, -EEXIST, odma_register_backend(&backend));
	KUNIT_EXPECT_EQ(test, 0, odma_unregister_backend(&backend));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_unregister_backend(&backend));
	backend.name = NULL;
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_unregister_backend(&backend));
}

/* Whoever registers can't be unloaded under what is attached to it. */
static void odma_registry_owner(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_backend backend = odma_recorder;
	int before;

	odma_clear_record();
	backend.owner = NULL;
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&backend));
	KUNIT_EXPECT_PTR_EQ(test, THIS_MODULE, backend.owner);
	before = module_refcount(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, 0, odma_attach(fx->dev, ODMA_RECORDER, 0));
	KUNIT_EXPECT_EQ(test, before + 1, module_refcount(THIS_MODULE));
	KUNIT_EXPECT_EQ(test, 0, odma_detach(fx->dev));
	KUNIT_EXPECT_EQ(test, before, module_refcount(THIS_MODULE));
	KUNIT_EXPECT_EQ(test, 0, odma_unregister_backend(&backend));
}

/* A backend that can't tell success from an error: taken for an error. */
static void odma_registry_positive(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_clear_record();
	odma_record.attach_ret = 1;
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&odma_recorder));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_attach(fx->dev, ODMA_RECORDER, 0));
	KUNIT_EXPECT_NULL(test, odma_device_of(fx->dev));
	KUNIT_EXPECT_EQ(test, 0, odma_record.detaches);
	KUNIT_EXPECT_EQ(test, 0, odma_unregister_backend(&odma_recorder));
}

static void odma_registry_ops(struct kunit *test)
{
	/* Each pair has to be there whole. */
	static const size_t needed[] = {
		offsetof(struct dma_map_ops, alloc),
		offsetof(struct dma_map_ops, free),
		offsetof(struct dma_map_ops, map_sg),
		offsetof(struct dma_map_ops, unmap_sg),
#ifdef ODMA_HAVE_MAP_PHYS
		offsetof(struct dma_map_ops, map_phys),
		offsetof(struct dma_map_ops, unmap_phys),
#else
		offsetof(struct dma_map_ops, map_page),
		offsetof(struct dma_map_ops, unmap_page),
#endif
	};
	struct odma_backend backend = odma_recorder;
	struct dma_map_ops ops;
	int i;

	backend.ops = NULL;
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_register_backend(&backend));
	backend.ops = &ops;
	for (i = 0; i < ARRAY_SIZE(needed); i++) {
		ops = odma_recorder_ops;
		memset((char *)&ops + needed[i], 0, sizeof(void *));
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    odma_register_backend(&backend),
				    "member %d", i);
	}
	ops = odma_recorder_ops;
	KUNIT_EXPECT_EQ(test, 0, odma_register_backend(&backend));
	KUNIT_EXPECT_EQ(test, 0, odma_unregister_backend(&backend));
}

static void odma_registry_in_use(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_clear_record();
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&odma_recorder));
	KUNIT_EXPECT_EQ(test, 0, odma_attach(fx->dev, ODMA_RECORDER, 0));
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_unregister_backend(&odma_recorder));
	KUNIT_EXPECT_NOT_NULL(test, odma_device_of(fx->dev));
	KUNIT_EXPECT_EQ(test, 0, odma_detach(fx->dev));
	KUNIT_EXPECT_EQ(test, 0, odma_unregister_backend(&odma_recorder));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_attach(fx->dev, ODMA_RECORDER, 0));
}

/* A rule whose backend has gone: the driver works, with the kernel's DMA. */
static void odma_registry_gone(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_clear_record();
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&odma_recorder));
	KUNIT_EXPECT_EQ(test, 0, odma_add_device_rule(fx, ODMA_RECORDER));
	KUNIT_EXPECT_EQ(test, 0, odma_unregister_backend(&odma_recorder));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, fx->probes, 1);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
}

/* A backend may have the least there is: the twins cope with what is NULL. */
static void odma_registry_minimal(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_backend backend = {
		.name = "odma-kunit-least",
	};
	struct dma_map_ops ops = {
		.alloc = odma_recorder_ops.alloc,
		.free = odma_recorder_ops.free,
		.map_sg = odma_recorder_ops.map_sg,
		.unmap_sg = odma_recorder_ops.unmap_sg,
#ifdef ODMA_HAVE_MAP_PHYS
		.map_phys = odma_recorder_ops.map_phys,
		.unmap_phys = odma_recorder_ops.unmap_phys,
#else
		.map_page = odma_recorder_ops.map_page,
		.unmap_page = odma_recorder_ops.unmap_page,
#endif
	};
	struct scatterlist *sg = odma_test_list(test, 1, 64);
	dma_addr_t handle;
	unsigned long flags;

	backend.ops = &ops;
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&backend));
	for (flags = 0; flags <= ODMA_STATS; flags += ODMA_STATS) {
		KUNIT_EXPECT_EQ(test, 0, odma_attach(fx->dev, backend.name,
						     flags));
		odma_sync_single_for_cpu(fx->dev, 0, 64, DMA_TO_DEVICE);
		odma_sync_single_for_device(fx->dev, 0, 64, DMA_TO_DEVICE);
		odma_sync_sg_for_cpu(fx->dev, sg, 1, DMA_TO_DEVICE);
		odma_sync_sg_for_device(fx->dev, sg, 1, DMA_TO_DEVICE);
		KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
				odma_map_resource(fx->dev, 0xf0000000, 64,
						  DMA_TO_DEVICE, 0));
		odma_unmap_resource(fx->dev, 0xf0000000, 64, DMA_TO_DEVICE, 0);
		KUNIT_EXPECT_NULL(test,
				  dma_alloc_pages(fx->dev, 64, &handle,
						  DMA_TO_DEVICE, GFP_KERNEL));
		KUNIT_EXPECT_EQ(test, 0, odma_set_mask(fx->dev,
						       DMA_BIT_MASK(32)));
		KUNIT_EXPECT_EQ(test, 0, odma_detach(fx->dev));
	}
	KUNIT_EXPECT_EQ(test, 0, odma_unregister_backend(&backend));
}

static struct kunit_case odma_registry_cases[] = {
	KUNIT_CASE(odma_registry_names),
	KUNIT_CASE(odma_registry_twice),
	KUNIT_CASE(odma_registry_owner),
	KUNIT_CASE(odma_registry_positive),
	KUNIT_CASE(odma_registry_ops),
	KUNIT_CASE(odma_registry_in_use),
	KUNIT_CASE(odma_registry_gone),
	KUNIT_CASE(odma_registry_minimal),
	{}
};

struct kunit_suite odma_registry_suite = {
	.name = "odma-registry",
	.suite_init = odma_begin_suite,
	.init = odma_unbound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_registry_cases,
};
