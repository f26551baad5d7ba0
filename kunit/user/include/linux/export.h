/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_EXPORT_H
#define _ODMA_USER_LINUX_EXPORT_H

#define EXPORT_SYMBOL_GPL(sym)	_Static_assert(sizeof(&(sym)), "a symbol")

#endif /* _ODMA_USER_LINUX_EXPORT_H */
