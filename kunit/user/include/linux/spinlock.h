/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_SPINLOCK_H
#define _ODMA_USER_LINUX_SPINLOCK_H

#include <pthread.h>

typedef struct {
	pthread_mutex_t lock;
} raw_spinlock_t;

#define raw_spin_lock_init(spin)	pthread_mutex_init(&(spin)->lock, NULL)
#define raw_spin_lock(spin)		pthread_mutex_lock(&(spin)->lock)
#define raw_spin_unlock(spin)		pthread_mutex_unlock(&(spin)->lock)
#define raw_spin_lock_irqsave(spin, flags)				\
do {									\
	(flags) = 0;							\
	raw_spin_lock(spin);						\
} while (0)
#define raw_spin_unlock_irqrestore(spin, flags)				\
do {									\
	(void)(flags);							\
	raw_spin_unlock(spin);						\
} while (0)

#define spinlock_t			raw_spinlock_t
#define spin_lock_init(spin)		raw_spin_lock_init(spin)
#define spin_lock_irqsave(spin, flags)	raw_spin_lock_irqsave(spin, flags)
#define spin_unlock_irqrestore(spin, flags)				\
	raw_spin_unlock_irqrestore(spin, flags)

#endif /* _ODMA_USER_LINUX_SPINLOCK_H */
