// SPDX-License-Identifier: GPL-2.0
/*
 * Pools under two CPUs at once: no two get the same memory, nothing is lost,
 * and a pool that is taken away is used by nobody.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include "fixture.h"
#include "../suites.h"

#define ODMA_RACE_BUFFERS	8

/**
 * struct odma_racer - what one CPU does
 * @fx:		the device
 * @mark:	what this one writes into its memory
 * @largest:	bytes that it asks for at most
 * @slots:	how many buffers it holds at most
 * @stop:	it ends when this is set
 * @done:	it has ended
 * @rnd:	what it does next
 * @buf:	what it holds
 * @allocs:	how often it got memory
 * @dirty:	how often that was not zeroed
 * @spoilt:	how often somebody else had written to it
 */
struct odma_racer {
	struct odma_fixture *fx;
	u8 mark;
	u32 largest;
	int slots;
	bool stop;
	struct completion done;
	struct rnd_state rnd;
	struct odma_buffer buf[ODMA_RACE_BUFFERS];
	u32 allocs;
	u32 dirty;
	u32 spoilt;
};

static void odma_race_get(struct odma_racer *r, struct odma_buffer *buf)
{
	u32 size = 1 + prandom_u32_state(&r->rnd) % r->largest;

	if (!odma_get_buffer(r->fx, buf, size))
		return;
	r->allocs++;
	r->dirty += !!memchr_inv(buf->cpu, 0, PAGE_ALIGN(size));
	memset(buf->cpu, r->mark, PAGE_ALIGN(size));
	wmb(); /* write-combining buffers */
}

static void odma_race_put(struct odma_racer *r, struct odma_buffer *buf)
{
	r->spoilt += !!memchr_inv(buf->cpu, r->mark, PAGE_ALIGN(buf->size));
	odma_put_buffer(r->fx, buf);
	buf->cpu = NULL;
}

static int odma_race(void *data)
{
	struct odma_racer *r = data;
	int i;

	while (!READ_ONCE(r->stop)) {
		i = prandom_u32_state(&r->rnd) % r->slots;
		if (r->buf[i].cpu)
			odma_race_put(r, &r->buf[i]);
		else
			odma_race_get(r, &r->buf[i]);
		cond_resched();
	}
	for (i = 0; i < r->slots; i++)
		if (r->buf[i].cpu)
			odma_race_put(r, &r->buf[i]);
	complete(&r->done);
	return 0;
}

static void odma_start_on(struct kunit *test, int (*fn)(void *), void *data,
			  int cpu)
{
	struct task_struct *task = kthread_create(fn, data, "odma-kunit/%d",
						  cpu);

	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	kthread_bind(task, cpu);
	wake_up_process(task);
}

static struct odma_racer *odma_start_race(struct kunit *test, int cpu,
					  u32 largest, int slots)
{
	struct odma_racer *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, r);
	KUNIT_ASSERT_TRUE(test, cpu_online(cpu));
	r->fx = test->priv;
	r->mark = 0x51 + cpu;
	r->largest = largest;
	r->slots = slots;
	init_completion(&r->done);
	prandom_seed_state(&r->rnd, 0x6f646d61 + cpu);
	odma_start_on(test, odma_race, r, cpu);
	return r;
}

static void odma_end_race(struct kunit *test, struct odma_racer *r)
{
	WRITE_ONCE(r->stop, true);
	wait_for_completion(&r->done);
	KUNIT_EXPECT_EQ(test, r->dirty, 0);
	KUNIT_EXPECT_EQ(test, r->spoilt, 0);
	KUNIT_EXPECT_GT(test, r->allocs, 50);
}

/* The pool is small, so that it is often full. */
static void odma_race_one_pool(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_racer *r[2];
	struct odma_pool *pool;
	int i;

	odma_bind_with(fx, "pool=0x44003000+256K pool=only");
	pool = odma_own_pool(fx, 0);
	for (i = 0; i < 2; i++)
		r[i] = odma_start_race(test, i, SZ_64K, ODMA_RACE_BUFFERS);
	msleep(1500);
	for (i = 0; i < 2; i++)
		odma_end_race(test, r[i]);
	KUNIT_EXPECT_EQ(test, pool->map.used, 0);
	KUNIT_EXPECT_TRUE(test, bitmap_empty(pool->map.bits, pool->map.pages));
	KUNIT_EXPECT_GT(test, pool->map.high_water, pool->map.pages / 2);
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).allocs,
			r[0]->allocs + r[1]->allocs);
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).allocs,
			odma_counted_so_far(fx).frees);
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).alloc_bytes,
			odma_counted_so_far(fx).free_bytes);
}

/* From the pool's release on its memory is the case's to write to. */
static int odma_come_and_go(struct kunit *test, u64 phys, u64 size)
{
	struct odma_fixture *fx = test->priv;
	int tries;

	KUNIT_EXPECT_EQ(test, 0,
			odma_declare_coherent_memory(fx->dev, phys,
						     ODMA_POOL_DERIVE, size));
	msleep(20);
	for (tries = 1; tries < 200; tries++) {
		if (!odma_release_coherent_memory(fx->dev)) {
			odma_scribble(test, phys, size, 0xdb);
			return tries;
		}
		msleep(20);
	}
	KUNIT_FAIL(test, "the pool is never without an allocation\n");
	return tries;
}

static void odma_race_replaced_pool(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_racer *r[2];
	int i;

	odma_bind_with(fx, "pool=0x44000000+8K");
	for (i = 0; i < 2; i++)
		r[i] = odma_start_race(test, i, SZ_16K, 1);
	for (i = 0; i < 20; i++)
		odma_come_and_go(test, 0x44100000, SZ_16K);
	for (i = 0; i < 2; i++)
		odma_end_race(test, r[i]);
	KUNIT_EXPECT_EQ(test, odma_own_pool(fx, 0)->map.used, 0);
	KUNIT_EXPECT_NULL(test, odma_own_pool(fx, 1));
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).allocs,
			odma_counted_so_far(fx).frees);
}

/**
 * struct odma_reader - somebody in the middle of an allocation
 * @reading:	it has begun
 * @done:	it is over
 * @over:	the same, for whoever does not want to wait
 */
struct odma_reader {
	struct completion reading;
	struct completion done;
	bool over;
};

static int odma_read_for_long(void *data)
{
	struct odma_reader *r = data;

	rcu_read_lock();
	complete(&r->reading);
	mdelay(300);
	WRITE_ONCE(r->over, true);
	rcu_read_unlock();
	complete(&r->done);
	return 0;
}

/* A pool goes when nobody can be looking at it any more. */
static void odma_race_waits_for_reader(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_reader *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, r);
	init_completion(&r->reading);
	init_completion(&r->done);
	odma_bind_with(fx, "");
	KUNIT_ASSERT_EQ(test, 0,
			odma_declare_coherent_memory(fx->dev, 0x44000000,
						     ODMA_POOL_DERIVE, SZ_64K));
	odma_start_on(test, odma_read_for_long, r, 1);
	wait_for_completion(&r->reading);
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
	KUNIT_EXPECT_TRUE(test, READ_ONCE(r->over));
	wait_for_completion(&r->done);
}

static struct kunit_case odma_pool_race_cases[] = {
	KUNIT_CASE(odma_race_one_pool),
	KUNIT_CASE(odma_race_replaced_pool),
	KUNIT_CASE(odma_race_waits_for_reader),
	{}
};

struct kunit_suite odma_pool_race_suite = {
	.name = "odma-pool-race",
	.suite_init = odma_begin_suite,
	.init = odma_pool_init,
	.exit = odma_pool_exit,
	.test_cases = odma_pool_race_cases,
};
