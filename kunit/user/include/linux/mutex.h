/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_MUTEX_H
#define _ODMA_USER_LINUX_MUTEX_H

#include <linux/bug.h>
#include <pthread.h>

struct mutex {
	pthread_mutex_t lock;
};

static inline void mutex_init(struct mutex *mutex)
{
	pthread_mutex_init(&mutex->lock, NULL);
}

static inline void mutex_destroy(struct mutex *mutex)
{
	pthread_mutex_destroy(&mutex->lock);
}

static inline void mutex_lock(struct mutex *mutex)
{
	odma_user_might_sleep();
	pthread_mutex_lock(&mutex->lock);
}

static inline int mutex_trylock(struct mutex *mutex)
{
	return !pthread_mutex_trylock(&mutex->lock);
}

static inline void mutex_unlock(struct mutex *mutex)
{
	pthread_mutex_unlock(&mutex->lock);
}

#endif /* _ODMA_USER_LINUX_MUTEX_H */
