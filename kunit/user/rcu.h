/* SPDX-License-Identifier: GPL-2.0 */
/* Between what has the kernel's headers and what has liburcu's. */
#ifndef _ODMA_USER_RCU_H
#define _ODMA_USER_RCU_H

#include <stdbool.h>

void odma_user_rcu_lock(void);
void odma_user_rcu_unlock(void);
bool odma_user_rcu_held(void);
void odma_user_rcu_wait(void);
void odma_user_might_sleep(void);

#endif /* _ODMA_USER_RCU_H */
