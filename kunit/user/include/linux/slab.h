/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_SLAB_H
#define _ODMA_USER_LINUX_SLAB_H

#include <linux/gfp.h>

/* From malloc(), so that ASan watches it; fails when a target says so. */
void *odma_user_alloc(size_t size, size_t align, gfp_t gfp);
void odma_user_free(const void *ptr);

#define ODMA_USER_ALIGN		16

static inline void *kmalloc(size_t size, gfp_t gfp)
{
	return odma_user_alloc(size, ODMA_USER_ALIGN, gfp);
}

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return odma_user_alloc(size, ODMA_USER_ALIGN, gfp | __GFP_ZERO);
}

static inline void *kcalloc(size_t count, size_t size, gfp_t gfp)
{
	return kzalloc(count * size, gfp);
}

#define kmalloc_array(count, size, gfp)	kmalloc((count) * (size), gfp)
#define kzalloc_node(size, gfp, node)	((void)(node), kzalloc(size, gfp))

static inline void kfree(const void *ptr)
{
	odma_user_free(ptr);
}

#define kvcalloc(count, size, gfp)	kcalloc(count, size, gfp)
#define kvfree(ptr)			kfree(ptr)

#endif /* _ODMA_USER_LINUX_SLAB_H */
