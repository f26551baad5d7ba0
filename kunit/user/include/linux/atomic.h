/* SPDX-License-Identifier: GPL-2.0 */
/* Fully ordered, as the kernel's are without a suffix. */
#ifndef _ODMA_USER_LINUX_ATOMIC_H
#define _ODMA_USER_LINUX_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/barrier.h>

typedef struct {
	int counter;
} atomic_t;

#define ATOMIC_INIT(i)		{ (i) }

static inline int atomic_read(const atomic_t *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);
}

static inline void atomic_set(atomic_t *v, int i)
{
	__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);
}

static inline void atomic_inc(atomic_t *v)
{
	__atomic_add_fetch(&v->counter, 1, __ATOMIC_RELAXED);
}

static inline void atomic_dec(atomic_t *v)
{
	__atomic_sub_fetch(&v->counter, 1, __ATOMIC_RELAXED);
}

/* Between a look and the exchange after it others may come: let them, at times. */
#ifdef ODMA_USER_PAUSES
void odma_user_pause(void);
#else
static inline void odma_user_pause(void)
{
}
#endif

#define try_cmpxchg(ptr, old, new)					\
({									\
	odma_user_pause();						\
	__atomic_compare_exchange_n(ptr, old, new, false,		\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
})
#define cmpxchg(ptr, old, new)						\
({									\
	__typeof__(*(ptr)) _seen = (old);				\
									\
	try_cmpxchg(ptr, &_seen, new);					\
	_seen;								\
})
#define xchg(ptr, val)		__atomic_exchange_n(ptr, val, __ATOMIC_SEQ_CST)
#define cmpxchg64(ptr, old, new) cmpxchg(ptr, old, new)
#define try_cmpxchg64(ptr, old, new) try_cmpxchg(ptr, old, new)

#endif /* _ODMA_USER_LINUX_ATOMIC_H */
