/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_ASM_BARRIER_H
#define _ODMA_USER_ASM_BARRIER_H

#include <sched.h>

#define smp_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()		__atomic_thread_fence(__ATOMIC_RELEASE)
#define mb()			smp_mb()
#define rmb()			smp_rmb()
#define wmb()			smp_mb()
#define dma_wmb()		smp_wmb()

#define smp_load_acquire(ptr)	__atomic_load_n(ptr, __ATOMIC_ACQUIRE)
#define smp_store_release(ptr, val)					\
	__atomic_store_n(ptr, val, __ATOMIC_RELEASE)

#define cpu_relax()		sched_yield()

#endif /* _ODMA_USER_ASM_BARRIER_H */
