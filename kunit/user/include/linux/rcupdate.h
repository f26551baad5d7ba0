/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_RCUPDATE_H
#define _ODMA_USER_LINUX_RCUPDATE_H

#include <linux/compiler.h>
#include "../../rcu.h"

#define rcu_read_lock()		odma_user_rcu_lock()
#define rcu_read_unlock()	odma_user_rcu_unlock()
#define rcu_read_lock_held()	odma_user_rcu_held()
#define synchronize_rcu()	odma_user_rcu_wait()
#define rcu_barrier()		odma_user_rcu_wait()

#endif /* _ODMA_USER_LINUX_RCUPDATE_H */
