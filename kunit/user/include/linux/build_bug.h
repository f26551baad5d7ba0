/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_BUILD_BUG_H
#define _ODMA_USER_LINUX_BUILD_BUG_H

#define BUILD_BUG_ON(bad)	_Static_assert(!(bad), #bad)
#define static_assert(good, ...) _Static_assert(good, #good)

#endif /* _ODMA_USER_LINUX_BUILD_BUG_H */
