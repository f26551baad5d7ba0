// SPDX-License-Identifier: GPL-2.0
/*
 * Slots, two CPUs: what the lock is for.
 *
 * Each CPU maps single bytes, of which it keeps a few, and signs for the slots
 * that it was given. Nearly all of the time is spent where slots are taken and
 * given back, so that wherever a CPU is stopped for the other to go on, it is
 * likely to be there.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include "contest.h"

#define ODMA_HELD		24
#define ODMA_CONTEST_JIFFIES	(2 * HZ)

/**
 * struct odma_contest - what both CPUs write to
 * @fx:		the device
 * @first:	the address of the first slot
 * @owner:	for each slot, the CPU that has it, plus one
 * @wrong:	how often two had the same, or somebody none
 * @begin:	both are there
 */
struct odma_contest {
	struct odma_fixture *fx;
	dma_addr_t first;
	atomic_t owner[ODMA_CONTEST_SLOTS];
	atomic_t wrong;
	struct completion begin;
};

struct odma_contestant {
	struct odma_contest *contest;
	u8 *byte;
	int sign;
	unsigned long pairs;
	dma_addr_t held[ODMA_HELD];
	struct completion done;
};

static void odma_contest_map(struct odma_contestant *me, dma_addr_t *addr)
{
	struct odma_contest *contest = me->contest;
	size_t slot;

	*addr = odma_map_single_attrs(contest->fx->dev, me->byte, 1,
				      DMA_TO_DEVICE, DMA_ATTR_NO_WARN);
	slot = (*addr - contest->first) / ODMA_SLOT;
	if (*addr == DMA_MAPPING_ERROR || slot >= ODMA_CONTEST_SLOTS ||
	    atomic_cmpxchg(&contest->owner[slot], 0, me->sign))
		atomic_inc(&contest->wrong);
}

static void odma_contest_unmap(struct odma_contestant *me, dma_addr_t *addr)
{
	struct odma_contest *contest = me->contest;
	size_t slot = (*addr - contest->first) / ODMA_SLOT;

	if (*addr == DMA_MAPPING_ERROR)
		return;
	if (slot < ODMA_CONTEST_SLOTS &&
	    atomic_cmpxchg(&contest->owner[slot], me->sign, 0) != me->sign)
		atomic_inc(&contest->wrong);
	odma_unmap_single(contest->fx->dev, *addr, 1, DMA_TO_DEVICE);
}

static int odma_contest_thread(void *data)
{
	struct odma_contestant *me = data;
	unsigned long end;
	int i;

	wait_for_completion(&me->contest->begin);
	end = jiffies + ODMA_CONTEST_JIFFIES;
	for (i = 0; i < ODMA_HELD; i++)
		odma_contest_map(me, &me->held[i]);
	while (time_before(jiffies, end)) {
		for (i = 0; i < ODMA_HELD; i++) {
			odma_contest_unmap(me, &me->held[i]);
			odma_contest_map(me, &me->held[i]);
		}
		me->pairs += ODMA_HELD;
		cond_resched();
	}
	for (i = 0; i < ODMA_HELD; i++)
		odma_contest_unmap(me, &me->held[i]);
	complete(&me->done);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static struct odma_contest *odma_new_contest(struct odma_fixture *fx, u8 *byte)
{
	struct odma_contest *contest;

	contest = kunit_kzalloc(fx->test, sizeof(*contest), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(fx->test, contest);
	contest->fx = fx;
	init_completion(&contest->begin);
	/* Where all are free the first one is given. */
	contest->first = odma_map_single(fx->dev, byte, 1, DMA_TO_DEVICE);
	KUNIT_ASSERT_NE(fx->test, contest->first, DMA_MAPPING_ERROR);
	odma_unmap_single(fx->dev, contest->first, 1, DMA_TO_DEVICE);
	return contest;
}

static void odma_contest_run(struct kunit *test, struct odma_contest *contest,
			     struct odma_contestant *who)
{
	struct task_struct *task[2];
	int cpu;

	for (cpu = 0; cpu < 2; cpu++) {
		init_completion(&who[cpu].done);
		task[cpu] = kthread_create(odma_contest_thread, &who[cpu],
					   "odma-kunit/%d", cpu);
		KUNIT_ASSERT_FALSE(test, IS_ERR(task[cpu]));
		kthread_bind(task[cpu], cpu);
		wake_up_process(task[cpu]);
	}
	complete_all(&contest->begin);
	for (cpu = 0; cpu < 2; cpu++) {
		wait_for_completion(&who[cpu].done);
		kthread_stop(task[cpu]);
	}
}

dma_addr_t odma_contest(struct odma_fixture *fx)
{
	struct kunit *test = fx->test;
	u8 *byte = page_address(odma_test_pages(test, GFP_KERNEL, 0));
	struct odma_contest *contest = odma_new_contest(fx, byte);
	struct odma_contestant who[2] = {
		{ .contest = contest, .byte = byte, .sign = 1 },
		{ .contest = contest, .byte = byte + 64, .sign = 2 },
	};

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	odma_contest_run(test, contest, who);
	kunit_info(test, "%lu and %lu pairs\n", who[0].pairs, who[1].pairs);
	KUNIT_EXPECT_GT(test, min(who[0].pairs, who[1].pairs), 1000);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&contest->wrong));
	return contest->first;
}
