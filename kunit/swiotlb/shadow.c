// SPDX-License-Identifier: GPL-2.0
/*
 * Bounce buffers against a shadow: two arrays for each mapping, of what the
 * driver's memory and the device's view ought to be, byte for byte, over a long
 * series of random calls. Driver and device both write what and when they like.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>
#include "../suites.h"
#include "fixture.h"

#if defined(CONFIG_KASAN) || defined(CONFIG_KMSAN)
#define ODMA_SHADOW_ROUNDS	13000
#else
#define ODMA_SHADOW_ROUNDS	52000
#endif

#define ODMA_SHADOWS		24
/* The first ones have room for the largest sizes, at any offset. */
#define ODMA_LARGE_SHADOWS	3
#define ODMA_LARGE_ORDER	9
#define ODMA_SMALL_ORDER	2

/* Bytes on both sides of a buffer that must never change. */
#define ODMA_GUARD		64UL

/**
 * struct odma_shadow - a buffer, mapped or not
 * @mem:	the driver's memory
 * @model:	what it ought to be
 * @view:	what the device ought to see, from the mapping's beginning
 * @room:	bytes of @mem
 * @order:	of its pages
 * @offset:	where the mapping begins in @mem
 * @size:	its bytes, 0 while nothing is mapped
 * @dir:	its direction
 * @addr:	its address
 */
struct odma_shadow {
	u8 *mem;
	u8 *model;
	u8 *view;
	size_t room;
	int order;
	size_t offset;
	size_t size;
	enum dma_data_direction dir;
	dma_addr_t addr;
};

/**
 * struct odma_shadows - one actor with its buffers
 * @fx:		the device
 * @s:		the buffers
 * @rnd:	what happens next
 * @rounds:	how often something happens
 * @align:	the device's min_align_mask
 * @retries:	how often a mapping may fail, as the pool is yet to grow
 * @bytes:	that went through mappings
 * @maps:	how many there were
 * @wrong:	what was found, or NULL
 * @where:	in which round
 * @done:	a thread has come to its end
 */
struct odma_shadows {
	struct odma_fixture *fx;
	struct odma_shadow s[ODMA_SHADOWS];
	struct rnd_state rnd;
	int rounds;
	unsigned int align;
	int retries;
	u64 bytes;
	int maps;
	const char *wrong;
	int where;
	struct completion done;
};

static u32 odma_draw(struct odma_shadows *all, u32 sides)
{
	return prandom_u32_state(&all->rnd) % sides;
}

static void odma_expect_true(struct odma_shadows *all, bool ok,
			     const char *what)
{
	if (!ok && !all->wrong)
		all->wrong = what;
}

static u8 *odma_view_of(struct odma_shadows *all, const struct odma_shadow *s)
{
	return odma_device_view(all->fx, s->addr);
}

/* Mostly small, as drivers' are; now and then up to 1 MiB. */
static size_t odma_draw_size(struct odma_shadows *all,
			     const struct odma_shadow *s)
{
	size_t most = s->room - 2 * ODMA_GUARD - 4096;

	if (s->order == ODMA_LARGE_ORDER && odma_draw(all, 8) == 0)
		return min_t(size_t, 1 + odma_draw(all, SZ_1M), most);
	switch (odma_draw(all, 8)) {
	case 0 ... 3:
		return 1 + odma_draw(all, 64);
	case 4 ... 6:
		return 1 + odma_draw(all, 2048);
	default:
		return 1 + odma_draw(all, min_t(size_t, most, 12000));
	}
}

static void odma_shadow_map(struct odma_shadows *all, struct odma_shadow *s)
{
	size_t size = odma_draw_size(all, s);
	unsigned long attrs = odma_draw(all, 4) ? 0 : DMA_ATTR_SKIP_CPU_SYNC;
	u8 *at;

	s->offset = ODMA_GUARD + odma_draw(all, s->room - size -
					   2 * ODMA_GUARD + 1);
	s->dir = odma_draw(all, 3);
	at = s->mem + s->offset;
	s->addr = odma_map_single_attrs(all->fx->dev, at, size, s->dir, attrs);
	while (s->addr == DMA_MAPPING_ERROR && all->retries) {
		/* The pool is growing. */
		all->retries--;
		msleep(20);
		s->addr = odma_map_single_attrs(all->fx->dev, at, size, s->dir,
						attrs);
	}
	odma_expect_true(all, s->addr != DMA_MAPPING_ERROR, "not mapped");
	if (s->addr == DMA_MAPPING_ERROR)
		return;
	s->size = size;
	all->maps++;
	all->bytes += size;
	memcpy(s->view, s->model + s->offset, size);
	odma_expect_true(all, odma_view_of(all, s) != at, "not bounced");
	odma_expect_true(all, (s->addr & all->align) ==
			 (virt_to_phys(at) & all->align), "alignment");
	odma_expect_true(all, !memcmp(odma_view_of(all, s), s->view, size),
			 "what the device finds at map");
	odma_expect_true(all, odma_clear_beside(all->fx, s->addr, size),
			 "beside the buffer");
}

static void odma_shadow_unmap(struct odma_shadows *all, struct odma_shadow *s)
{
	unsigned long attrs = odma_draw(all, 4) ? 0 : DMA_ATTR_SKIP_CPU_SYNC;
	size_t from = s->offset - ODMA_GUARD;

	odma_expect_true(all, !memcmp(odma_view_of(all, s), s->view, s->size),
			 "what the device finds at unmap");
	odma_unmap_single_attrs(all->fx->dev, s->addr, s->size, s->dir, attrs);
	if (s->dir != DMA_TO_DEVICE && !attrs)
		memcpy(s->model + s->offset, s->view, s->size);
	odma_expect_true(all, !memcmp(s->mem + from, s->model + from,
				      s->size + 2 * ODMA_GUARD),
			 "the driver's memory after unmap");
	s->size = 0;
}

/* A part of a mapping: often up to its end, or all of it. */
static size_t odma_draw_part(struct odma_shadows *all,
			     const struct odma_shadow *s, size_t *offset)
{
	*offset = odma_draw(all, 4) ? odma_draw(all, s->size) : 0;
	if (odma_draw(all, 3) == 0)
		return s->size - *offset;
	return 1 + odma_draw(all, min_t(size_t, s->size - *offset, 4000));
}

static void odma_shadow_sync(struct odma_shadows *all, struct odma_shadow *s)
{
	bool for_cpu = odma_draw(all, 2);
	size_t offset, size = odma_draw_part(all, s, &offset);
	struct device *dev = all->fx->dev;
	dma_addr_t addr = s->addr + offset;
	u8 *model = s->model + s->offset + offset, *view = s->view + offset;

	if (for_cpu) {
		odma_sync_single_for_cpu(dev, addr, size, s->dir);
		if (s->dir != DMA_TO_DEVICE)
			memcpy(model, view, size);
		odma_expect_true(all, !memcmp(s->mem + s->offset + offset,
					      model, size),
				 "the driver's memory after sync");
	} else {
		odma_sync_single_for_device(dev, addr, size, s->dir);
		if (s->dir != DMA_FROM_DEVICE)
			memcpy(view, model, size);
		odma_expect_true(all, !memcmp(odma_view_of(all, s) + offset,
					      view, size),
				 "what the device finds after sync");
	}
}

static void odma_scribble(struct odma_shadows *all, u8 *real, u8 *model,
			  size_t size)
{
	u8 byte = odma_draw(all, 256);
	size_t i;

	size = min_t(size_t, size, 300);
	for (i = 0; i < size; i++) {
		real[i] = byte + i;
		model[i] = byte + i;
	}
}

/* The driver, or the device if it may, writes something somewhere. */
static void odma_shadow_write(struct odma_shadows *all, struct odma_shadow *s)
{
	size_t offset, size = odma_draw_part(all, s, &offset);

	if (odma_draw(all, 2) && s->dir != DMA_TO_DEVICE)
		odma_scribble(all, odma_view_of(all, s) + offset,
			      s->view + offset, size);
	else
		odma_scribble(all, s->mem + s->offset + offset,
			      s->model + s->offset + offset, size);
}

static void odma_shadow_step(struct odma_shadows *all)
{
	struct odma_shadow *s = &all->s[odma_draw(all, ODMA_SHADOWS)];

	if (!s->size) {
		odma_shadow_map(all, s);
		return;
	}
	switch (odma_draw(all, 8)) {
	case 0 ... 1:
		odma_shadow_unmap(all, s);
		break;
	case 2 ... 4:
		odma_shadow_sync(all, s);
		break;
	default:
		odma_shadow_write(all, s);
	}
}

static void odma_shadow_run(struct odma_shadows *all)
{
	int i;

	for (i = 0; i < all->rounds && !all->wrong; i++) {
		odma_shadow_step(all);
		all->where = i;
		if (i % 64 == 0)
			cond_resched();
	}
	for (i = 0; i < ODMA_SHADOWS; i++)
		if (all->s[i].size)
			odma_shadow_unmap(all, &all->s[i]);
	/* Nothing else of the driver's memory was touched. */
	for (i = 0; i < ODMA_SHADOWS; i++)
		odma_expect_true(all, !memcmp(all->s[i].mem, all->s[i].model,
					      all->s[i].room),
				 "the driver's memory at the end");
}

static void odma_vfree(struct kunit_resource *res)
{
	vfree(res->data);
}

static u8 *odma_shadow_bytes(struct kunit *test, size_t size)
{
	u8 *bytes = vzalloc(size);

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	KUNIT_ASSERT_NOT_NULL(test, kunit_alloc_resource(test, NULL, odma_vfree,
							 GFP_KERNEL, bytes));
	return bytes;
}

static struct odma_shadows *odma_new_shadows(struct odma_fixture *fx,
					     int rounds, u64 seed)
{
	struct odma_shadows *all;
	struct odma_shadow *s;

	all = kunit_kzalloc(fx->test, sizeof(*all), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(fx->test, all);
	all->fx = fx;
	all->rounds = rounds;
	init_completion(&all->done);
	prandom_seed_state(&all->rnd, seed);
	for (s = all->s; s < all->s + ODMA_SHADOWS; s++) {
		s->order = s - all->s < ODMA_LARGE_SHADOWS ? ODMA_LARGE_ORDER :
							     ODMA_SMALL_ORDER;
		s->room = PAGE_SIZE << s->order;
		s->mem = page_address(odma_test_pages(fx->test, GFP_KERNEL,
						      s->order));
		s->model = odma_shadow_bytes(fx->test, s->room);
		s->view = odma_shadow_bytes(fx->test, s->room);
		odma_pattern(s->mem, s->room, s - all->s);
		memcpy(s->model, s->mem, s->room);
	}
	return all;
}

static void odma_shadow_report(struct kunit *test, struct odma_shadows *all)
{
	KUNIT_EXPECT_NULL_MSG(test, all->wrong, "round %d: %s", all->where,
			      all->wrong ?: "");
	KUNIT_EXPECT_GT(test, all->maps, all->rounds / 8);
	KUNIT_EXPECT_GT(test, all->bytes, 1000ULL * all->maps);
}

struct odma_shadow_mode {
	const char *name;
	const char *rule;
	unsigned int align;
	int retries;
};

static const struct odma_shadow_mode odma_shadow_modes[] = {
	{ "shared", "swiotlb", 0 },
	{ "coherent=no, 512", "swiotlb coherent=no", 0x1ff },
	{ "own, 4 KiB", "swiotlb pool_kib=4096 limit_kib=16384", 0xfff },
	{ "growing, 64 KiB", "swiotlb pool_kib=128 limit_kib=16384", 0xffff,
	  50 },
};

static void odma_shadow_describe(const struct odma_shadow_mode *mode,
				 char *desc)
{
	strscpy(desc, mode->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(odma_shadow, odma_shadow_modes, odma_shadow_describe);

/* 52,000 steps in each of four modes: 208,000 in all. */
static void odma_shadow_random(struct kunit *test)
{
	const struct odma_shadow_mode *mode = test->param_value;
	struct odma_fixture *fx = odma_bouncing(test, mode->rule);
	struct odma_shadows *all;

	dma_set_min_align_mask(fx->dev, mode->align);
	all = odma_new_shadows(fx, ODMA_SHADOW_ROUNDS, 0x736861 + mode->align);
	all->align = mode->align;
	all->retries = mode->retries;
	odma_shadow_run(all);
	odma_shadow_report(test, all);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

static int odma_shadow_thread(void *data)
{
	struct odma_shadows *all = data;

	odma_shadow_run(all);
	complete(&all->done);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/* As many actors as two CPUs have, on one device with one area for both. */
static void odma_shadow_two_cpus(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=4096 limit_kib=16384");
	struct odma_shadows *all[2];
	struct task_struct *task[2];
	int cpu;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	for (cpu = 0; cpu < 2; cpu++)
		all[cpu] = odma_new_shadows(fx, ODMA_SHADOW_ROUNDS / 3,
					    77 + cpu);
	for (cpu = 0; cpu < 2; cpu++) {
		task[cpu] = kthread_create(odma_shadow_thread, all[cpu],
					   "odma-kunit/%d", cpu);
		KUNIT_ASSERT_FALSE(test, IS_ERR(task[cpu]));
		kthread_bind(task[cpu], cpu);
		wake_up_process(task[cpu]);
	}
	for (cpu = 0; cpu < 2; cpu++) {
		wait_for_completion(&all[cpu]->done);
		kthread_stop(task[cpu]);
		odma_shadow_report(test, all[cpu]);
	}
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

static struct kunit_case odma_shadow_cases[] = {
	KUNIT_CASE_PARAM(odma_shadow_random, odma_shadow_gen_params),
	KUNIT_CASE(odma_shadow_two_cpus),
	{}
};

struct kunit_suite odma_swiotlb_shadow_suite = {
	.name = "odma-swiotlb-shadow",
	.suite_init = odma_begin_suite,
	.init = odma_unbound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_shadow_cases,
};
