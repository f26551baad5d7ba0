// SPDX-License-Identifier: GPL-2.0
/*
 * RCU is liburcu's, which finds out about threads by itself. It is not built
 * for ThreadSanitizer, so that is told what a grace period orders.
 */
#include <stdio.h>
#include <stdlib.h>
#include <urcu/urcu-bp.h>
#include "rcu.h"

#if __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#else
#define __tsan_acquire(addr)	((void)(addr))
#define __tsan_release(addr)	((void)(addr))
#endif

static __thread unsigned int odma_nesting;
static char odma_before_period;
static char odma_readers_done;

void odma_user_rcu_lock(void)
{
	urcu_bp_read_lock();
	odma_nesting++;
	__tsan_acquire(&odma_before_period);
}

void odma_user_rcu_unlock(void)
{
	if (!odma_nesting--)
		abort();
	__tsan_release(&odma_readers_done);
	urcu_bp_read_unlock();
}

bool odma_user_rcu_held(void)
{
	return odma_nesting;
}

void odma_user_might_sleep(void)
{
	if (!odma_nesting)
		return;
	fprintf(stderr, "\nmay sleep, but is within rcu_read_lock()\n");
	abort();
}

void odma_user_rcu_wait(void)
{
	odma_user_might_sleep();
	__tsan_release(&odma_before_period);
	urcu_bp_synchronize_rcu();
	__tsan_acquire(&odma_readers_done);
}
