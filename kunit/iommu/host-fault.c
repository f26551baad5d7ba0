// SPDX-License-Identifier: GPL-2.0
/*
 * The host provider: faults that are reported of a domain which is gone. The
 * provider's code is compiled once more for this.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#undef pr_fmt
#include "../../iommu/host/domain.c"
#include "../../iommu/host/group.c"
#include "../../iommu/host/reserved.c"
#include "../shared/fixture.h"
#include "../shared/log.h"
#include "../suites.h"

static const struct odma_iommu odma_faulty_iommu = { .name = "faulty" };

/**
 * struct odma_faulty - a domain, and an IOMMU's driver that knows it
 * @domain:	as the backend has it
 * @host:	as the provider has it
 * @kernel:	as the kernel has it
 * @late:	the thread has been in the handler's place for a while
 */
struct odma_faulty {
	struct odma_iommu_domain domain;
	struct odma_host host;
	struct iommu_domain kernel;
	bool late;
};

static struct odma_faulty *odma_new_faulty(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_faulty *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->domain.iommu = &odma_faulty_iommu;
	f->domain.priv = &f->host;
	f->host.dev = fx->dev;
	KUNIT_ASSERT_EQ(test, 0, odma_host_watch(&f->domain));
	return f;
}

static void odma_fault_now(struct odma_faulty *f, u32 token)
{
	odma_host_fault(&f->kernel, NULL, 0x1000, IOMMU_FAULT_WRITE,
			(void *)(unsigned long)token);
}

/* An IOMMU's driver had the token in its hand: nothing of ours is looked at. */
static void odma_fault_after(struct kunit *test)
{
	struct odma_faulty *f = odma_new_faulty(test), *next;
	u32 token = f->host.token;
	struct kmsg_dump_iter mark;

	odma_log_mark(&mark);
	odma_fault_now(f, token);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "denied by faulty"));
	odma_host_unwatch(&f->host);
	/* As memory is that was freed. */
	memset(&f->domain, 0x6b, sizeof(f->domain));
	memset(&f->host, 0x6b, sizeof(f->host));
	next = odma_new_faulty(test);
	odma_fault_now(next, token);
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&mark, "denied by"));
	odma_host_unwatch(&next->host);
}

/* In the middle of it, where it may be preempted. */
static int odma_fault_slowly(void *data)
{
	struct odma_faulty *f = data;

	rcu_read_lock();
	WRITE_ONCE(f->host.in_force, true);
	mdelay(50);
	WRITE_ONCE(f->late, true);
	rcu_read_unlock();
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/* ... which is waited for. */
static void odma_fault_during(struct kunit *test)
{
	struct odma_faulty *f = odma_new_faulty(test);
	struct task_struct *task;

	task = kthread_run(odma_fault_slowly, f, "odma-kunit");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	while (!READ_ONCE(f->host.in_force))
		schedule_timeout_uninterruptible(1);
	odma_host_unwatch(&f->host);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(f->late));
	kthread_stop(task);
}

static struct kunit_case odma_iommu_host_fault_cases[] = {
	KUNIT_CASE(odma_fault_after),
	KUNIT_CASE(odma_fault_during),
	{}
};

struct kunit_suite odma_iommu_host_fault_suite = {
	.name = "odma-iommu-host-fault",
	.suite_init = odma_begin_suite,
	.init = odma_unbound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_iommu_host_fault_cases,
};
