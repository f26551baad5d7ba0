// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: two CPUs at once.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include "../swiotlb/contest.h"
#include "fixture.h"
#include "../suites.h"

#define ODMA_CPUS	2
#define ODMA_ROUNDS	1500
#define ODMA_BUFFER	SZ_16K

/* A CPU's share; the device moves every buffer's bytes there and back. */
struct odma_share {
	struct device *dev;
	u8 *buf;
	u8 *seen;
	int failed;
	int wrong;
	u32 seed;
	struct completion done;
};

static bool odma_is_all(const u8 *bytes, u8 value, size_t size)
{
	return !memchr_inv(bytes, value, size);
}

static void odma_share_round(struct odma_share *share, struct rnd_state *rnd,
			     u8 value)
{
	size_t most = prandom_u32_state(rnd) % 2 ? 2048 : ODMA_BUFFER;
	size_t size = 1 + prandom_u32_state(rnd) % most;
	size_t at = prandom_u32_state(rnd) % (ODMA_BUFFER - size + 1);
	u8 other = ~value;
	dma_addr_t addr;

	memset(share->buf + at, value, size);
	addr = odma_map_single(share->dev, share->buf + at, size,
			       DMA_BIDIRECTIONAL);
	if (addr == DMA_MAPPING_ERROR) {
		share->failed++;
		return;
	}
	share->wrong += odma_soft_read(odma_soft, addr, share->seen, size) ||
			!odma_is_all(share->seen, value, size);
	memset(share->seen, other, size);
	share->wrong += !!odma_soft_write(odma_soft, addr, share->seen, size);
	odma_unmap_single(share->dev, addr, size, DMA_BIDIRECTIONAL);
	share->wrong += !odma_is_all(share->buf + at, other, size);
}

static int odma_share_thread(void *data)
{
	struct odma_share *share = data;
	struct rnd_state rnd;
	int i;

	prandom_seed_state(&rnd, share->seed);
	for (i = 0; i < ODMA_ROUNDS; i++) {
		odma_share_round(share, &rnd, i);
		cond_resched();
	}
	complete(&share->done);
	/* Wait to be stopped, so that whoever stops us can. */
	while (!kthread_should_stop())
		msleep(20);
	return 0;
}

static void odma_share_init(struct kunit *test, struct odma_share *share,
			    u32 seed)
{
	share->dev = odma_iommu_dev(test);
	share->buf = odma_iommu_buffer(test, get_order(ODMA_BUFFER));
	share->seen = kunit_kzalloc(test, ODMA_BUFFER, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, share->seen);
	share->seed = seed;
	init_completion(&share->done);
}

/* Nothing that one maps is the other one's, nor in its way. */
static void odma_race_two_cpus(struct kunit *test)
{
	u64 before = odma_soft_mapped(odma_soft);
	struct odma_share share[ODMA_CPUS] = { };
	struct task_struct *task[ODMA_CPUS];
	int cpu, i, n = 0;

	for_each_online_cpu(cpu) {
		if (n == ODMA_CPUS)
			break;
		odma_share_init(test, &share[n], n + 1);
		task[n] = kthread_create(odma_share_thread, &share[n],
					 "odma-kunit/%d", cpu);
		KUNIT_ASSERT_FALSE(test, IS_ERR(task[n]));
		kthread_bind(task[n++], cpu);
	}
	KUNIT_EXPECT_EQ(test, ODMA_CPUS, n);
	for (i = 0; i < n; i++)
		wake_up_process(task[i]);
	for (i = 0; i < n; i++) {
		wait_for_completion(&share[i].done);
		kthread_stop(task[i]);
		KUNIT_EXPECT_EQ(test, 0, share[i].failed);
		KUNIT_EXPECT_EQ(test, 0, share[i].wrong);
	}
	KUNIT_EXPECT_EQ(test, before, odma_soft_mapped(odma_soft));
}

/* One lane of shadows for what they do: two CPUs meet at its lock. */
static void odma_race_lane(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t first, again;
	u8 *buf = odma_iommu_buffer(test, 0);

	odma_iommu_begin(test, "iommu shadow shadow_kib=128", NULL);
	KUNIT_ASSERT_EQ(test, 3 * SZ_128K, odma_soft_mapped(odma_soft));
	first = odma_contest(fx);
	again = odma_map_single(fx->dev, buf, 1, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, first, again);
	odma_unmap_single(fx->dev, again, 1, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&odma_soft->flushes));
}

/* Whoever reports a fault has found its device, and takes its time. */
static struct task_struct *odma_reporter;

static int odma_linger(struct kprobe *p, struct pt_regs *regs)
{
	if (current == odma_reporter)
		mdelay(20);
	return 0;
}

static struct kprobe odma_before_limit = {
	.symbol_name = "___ratelimit",
	.pre_handler = odma_linger,
};

/* An IOMMU reports when it likes, and only of this device. */
static int odma_fault_thread(void *data)
{
	struct odma_iommu_domain domain = { .iommu = &odma_soft->iommu };

	while (!kthread_should_stop()) {
		odma_iommu_fault(&domain, data, 0xbad000, ODMA_FAULT_WRITE);
		cond_resched();
	}
	return 0;
}

/* A fault is reported while the device comes and goes: KASAN watches. */
static void odma_race_fault(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	int i;

	if (IS_ENABLED(CONFIG_KMSAN))
		kunit_skip(test, "KMSAN reports the kernel's own kprobes");
	odma_iommu_begin(test, "iommu", NULL);
	/* Registering fills in what must be empty for the next time. */
	odma_before_limit.addr = NULL;
	odma_before_limit.flags = 0;
	KUNIT_ASSERT_EQ(test, 0, register_kprobe(&odma_before_limit));
	odma_reporter = kthread_run(odma_fault_thread, fx->dev, "odma-kunit");
	KUNIT_EXPECT_FALSE(test, IS_ERR(odma_reporter));
	for (i = 0; i < 30 && !IS_ERR(odma_reporter); i++) {
		odma_unbind_driver(fx, ODMA_DRIVER);
		KUNIT_EXPECT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	}
	if (!IS_ERR(odma_reporter))
		kthread_stop(odma_reporter);
	unregister_kprobe(&odma_before_limit);
}

static int odma_iommu_race_init(struct kunit *test)
{
	return test->param_value ? odma_iommu_init(test) :
				   odma_iommu_unbound_init(test);
}

static struct kunit_case odma_iommu_race_cases[] = {
	KUNIT_CASE_PARAM(odma_race_two_cpus, odma_iommu_modes),
	KUNIT_CASE(odma_race_lane),
	KUNIT_CASE(odma_race_fault),
	{}
};

struct kunit_suite odma_iommu_race_suite = {
	.name = "odma-iommu-race",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_race_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_race_cases,
};
