/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_NUMA_H
#define _ODMA_USER_LINUX_NUMA_H

#define NUMA_NO_NODE	(-1)

#endif /* _ODMA_USER_LINUX_NUMA_H */
