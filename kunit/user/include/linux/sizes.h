/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_SIZES_H
#define _ODMA_USER_LINUX_SIZES_H

#define SZ_64K		0x10000

#endif /* _ODMA_USER_LINUX_SIZES_H */
