/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_KERNEL_H
#define _ODMA_USER_LINUX_KERNEL_H

#include <linux/align.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/types.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#define might_sleep()		odma_user_might_sleep()

#endif /* _ODMA_USER_LINUX_KERNEL_H */
