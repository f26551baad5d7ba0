/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_COMPILER_H
#define _ODMA_USER_LINUX_COMPILER_H

#include <sys/cdefs.h>

#define __printf(a, b)		__attribute__((__format__(printf, a, b)))
#define __noreturn		__attribute__((__noreturn__))
#define __must_check		__attribute__((__warn_unused_result__))
#define __maybe_unused		__attribute__((__unused__))
#define noinline		__attribute__((__noinline__))
#define fallthrough		__attribute__((__fallthrough__))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)

/* For sparse only. */
#define __force
#define __rcu
#define __iomem
#define __acquires(x)
#define __releases(x)

/*
 * The kernel's READ_ONCE() heads address dependencies: what it found is safe to
 * follow. Consume is how C says that.
 */
#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_CONSUME)
#define WRITE_ONCE(x, val)	__atomic_store_n(&(x), (val), __ATOMIC_RELAXED)
#define data_race(x)		(x)

#define barrier()		__asm__ __volatile__("" : : : "memory")

#endif /* _ODMA_USER_LINUX_COMPILER_H */
