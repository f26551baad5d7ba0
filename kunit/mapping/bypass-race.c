// SPDX-License-Identifier: GPL-2.0
/*
 * The rule word "bypass" while two CPUs map, and the mask changes.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include "bypass.h"
#include "../shared/log.h"
#include "../suites.h"

/*
 * Two CPUs map and unmap, each also what the other one mapped, while the mask
 * changes back and forth. The backend marks its addresses, and knows how many
 * are out: one that is unmapped on the wrong side is missing, or has no mark.
 */
#define ODMA_TAG	BIT_ULL(60)
#define ODMA_SLOTS	8

static struct odma_race {
	struct device *dev;
	struct page *page;
	u64 slots[ODMA_SLOTS];
	atomic_t tagged;
	atomic_t untagged;
	atomic_t not_mine;
	atomic_t direct;
	atomic_t failed;
	int lingers;
	int rounds;
} odma_race;

static dma_addr_t odma_tag_map_phys(struct device *dev, phys_addr_t phys,
				    size_t size, enum dma_data_direction dir,
				    unsigned long attrs)
{
	atomic_inc(&odma_race.tagged);
	return phys | ODMA_TAG;
}

static void odma_tag_unmap_phys(struct device *dev, dma_addr_t addr,
				size_t size, enum dma_data_direction dir,
				unsigned long attrs)
{
	atomic_inc(addr & ODMA_TAG ? &odma_race.untagged :
		   &odma_race.not_mine);
}

ODMA_OPS_ADAPTERS(odma_tag)

/* 0 is no address here: the page is not the first of memory. */
static void odma_race_unmap(u64 addr)
{
	if (!addr)
		return;
	/* Now and then with interrupts off, as a driver's handler has them. */
	if (addr & BIT_ULL(6)) {
		unsigned long flags;

		local_irq_save(flags);
		odma_unmap_page(odma_race.dev, addr, 64, DMA_TO_DEVICE);
		local_irq_restore(flags);
	} else {
		dma_unmap_page(odma_race.dev, addr, 64, DMA_TO_DEVICE);
	}
}

static int odma_race_thread(void *unused)
{
	int round, i;

	for (round = 0; round < odma_race.rounds; round++) {
		for (i = 0; i < ODMA_SLOTS; i++) {
			dma_addr_t addr;

			addr = dma_map_page(odma_race.dev, odma_race.page,
					    i * 64, 64, DMA_TO_DEVICE);
			if (dma_mapping_error(odma_race.dev, addr)) {
				atomic_inc(&odma_race.failed);
				continue;
			}
			if (!(addr & ODMA_TAG))
				atomic_inc(&odma_race.direct);
			odma_race_unmap(xchg(&odma_race.slots[i], addr));
		}
		for (i = 0; i < ODMA_SLOTS; i++)
			odma_race_unmap(xchg(&odma_race.slots[i], 0));
		cond_resched();
	}
	/* Wait to be stopped, so that whoever stops us can. */
	while (!kthread_should_stop())
		msleep(20);
	return 0;
}

/*
 * Nothing was live, and the choice is about to change: the mask goes back, and
 * the other CPU has time for a mapping that the old choice is right for.
 */
static int odma_linger(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	u64 *mask = odma_race.dev->dma_mask;

	if (regs_return_value(regs) || odma_race.lingers++ >= 200)
		return 0;
	*mask = *mask == ODMA_WIDE ? ODMA_NARROW : ODMA_WIDE;
	mdelay(1);
	return 0;
}

static struct kretprobe odma_after_count = {
	.kp.symbol_name = "odma_sum_live",
	.handler = odma_linger,
};

static void odma_bypass_two_cpus(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct task_struct *threads[2];
	struct kmsg_dump_iter log;
	int cpu, i, n = 0;

	if (IS_ENABLED(CONFIG_KMSAN))
		kunit_skip(test, "KMSAN reports the kernel's own kprobes");
	ODMA_OPS_SET_MAP(&odma_bypassed_ops, odma_tag);
	memset(&odma_race, 0, sizeof(odma_race));
	odma_race.dev = odma_bypass_bind(test, fx->mode->rule, 1, 1);
	/* Within the narrow mask, so that no mapping fails on either side. */
	odma_race.page = odma_test_pages(test, GFP_KERNEL | GFP_DMA, 0);
	odma_race.rounds = 1000;
	odma_log_mark(&log);
	/* Registering fills in what must be empty for the next time. */
	odma_after_count.kp.addr = NULL;
	odma_after_count.kp.flags = 0;
	KUNIT_ASSERT_EQ(test, 0, register_kretprobe(&odma_after_count));
	for_each_online_cpu(cpu) {
		if (n == ARRAY_SIZE(threads))
			break;
		threads[n] = kthread_create(odma_race_thread, NULL,
					    "odma-race/%d", cpu);
		KUNIT_ASSERT_FALSE(test, IS_ERR(threads[n]));
		kthread_bind(threads[n++], cpu);
	}
	KUNIT_EXPECT_EQ(test, n, 2);
	for (i = 0; i < n; i++)
		wake_up_process(threads[i]);
	for (i = 0; i < 200; i++) {
		dma_set_mask(odma_race.dev, i % 2 ? ODMA_WIDE : ODMA_NARROW);
		usleep_range(500, 1000);
	}
	for (i = 0; i < n; i++)
		kthread_stop(threads[i]);
	unregister_kretprobe(&odma_after_count);
	/* A slot can only be filled by a thread that empties it afterwards. */
	for (i = 0; i < ODMA_SLOTS; i++)
		KUNIT_EXPECT_EQ(test, odma_race.slots[i], 0);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&odma_race.not_mine));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&odma_race.failed));
	KUNIT_EXPECT_EQ(test, atomic_read(&odma_race.tagged),
			atomic_read(&odma_race.untagged));
	/* Both sides had their share. */
	KUNIT_EXPECT_GT(test, atomic_read(&odma_race.tagged), 0);
	KUNIT_EXPECT_GT(test, atomic_read(&odma_race.direct), 0);
	kunit_info(test, "%d by the backend, %d directly, %d times kept",
		   atomic_read(&odma_race.tagged),
		   atomic_read(&odma_race.direct),
		   odma_log_count(&log, "has changed"));
	/* Nothing is live: the mask has its way. */
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(odma_race.dev, ODMA_NARROW));
	atomic_set(&odma_race.tagged, 0);
	odma_race_unmap(dma_map_page(odma_race.dev, odma_race.page, 0, 64,
				     DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&odma_race.tagged));
}

static struct kunit_case odma_bypass_race_cases[] = {
	KUNIT_CASE(odma_bypass_two_cpus),
	{}
};

struct kunit_suite odma_bypass_race_suite = {
	.name = "odma-bypass-race",
	.suite_init = odma_begin_suite,
	.init = odma_bypass_init,
	.exit = odma_bypass_exit,
	.test_cases = odma_bypass_race_cases,
};
