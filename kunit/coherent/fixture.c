// SPDX-License-Identifier: GPL-2.0
/*
 * What the suites of the coherent pools share.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/slab.h>
#include "../shared/log.h"
#include "fixture.h"

static struct kmsg_dump_iter odma_pool_mark;

int odma_pool_init(struct kunit *test)
{
	odma_mark_log();
	return odma_unbound_init(test);
}

/* A case that failed half-way must not make the next ones fail. */
void odma_pool_exit(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	if (fx) {
		odma_unbind_driver(fx, ODMA_DRIVER);
		odma_unbind_driver(fx, ODMA_OTHER_DRIVER);
		if (fx->dev)
			odma_release_coherent_memory(fx->dev);
	}
	odma_fixture_exit(test);
	odma_release_global_coherent();
}

void odma_bind_with(struct odma_fixture *fx, const char *words)
{
	struct kunit *test = fx->test;
	char *rule = kunit_kzalloc(test, 256, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rule);
	snprintf(rule, 256, "direct %s", words);
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, rule));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(fx->dev));
	odma_set_masks(fx, DMA_BIT_MASK(64));
}

void odma_rebind(struct odma_fixture *fx)
{
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_ASSERT_EQ(fx->test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_ASSERT_NOT_NULL(fx->test, odma_device_of(fx->dev));
}

/* Between bind and unbind, and only cases replace sets: no lock is needed. */
struct odma_pool *odma_own_pool(struct odma_fixture *fx, unsigned int i)
{
	struct odma_device *odev = odma_device_of(fx->dev);
	struct odma_pool_set *set = rcu_dereference_protected(odev->pools, 1);

	return set && i < set->count ? set->own[i].user->pool : NULL;
}

bool odma_get_buffer(struct odma_fixture *fx, struct odma_buffer *buf,
		     size_t size)
{
	buf->size = size;
	buf->cpu = odma_alloc_coherent(fx->dev, size, &buf->handle,
				       GFP_KERNEL);
	return buf->cpu;
}

void odma_put_buffer(struct odma_fixture *fx, struct odma_buffer *buf)
{
	odma_free_coherent(fx->dev, buf->size, buf->cpu, buf->handle);
}

/* In these addresses of the device? */
bool odma_buffer_at(const struct odma_buffer *buf, u64 begin, u64 size)
{
	return buf->cpu && buf->handle >= begin &&
	       buf->handle + PAGE_ALIGN(buf->size) <= begin + size;
}

void odma_scribble(struct kunit *test, u64 phys, size_t size, u8 value)
{
	void *cpu = memremap(phys, size, MEMREMAP_WC);

	KUNIT_ASSERT_NOT_NULL(test, cpu);
	memset(cpu, value, size);
	memunmap(cpu);
}

bool odma_memory_is(struct kunit *test, u64 phys, size_t size, u8 value)
{
	void *cpu = memremap(phys, size, MEMREMAP_WC);
	bool is;

	KUNIT_ASSERT_NOT_NULL(test, cpu);
	is = !memchr_inv(cpu, value, size);
	memunmap(cpu);
	return is;
}

void odma_mark_log(void)
{
	odma_log_mark(&odma_pool_mark);
}

/* Of a copy: the mark stays, for the next words are looked for from there. */
int odma_log_lines(const char *text)
{
	struct kmsg_dump_iter from = odma_pool_mark;

	return odma_log_count(&from, text);
}

s64 odma_read_file(struct odma_fixture *fx, const char *name)
{
	char path[96], text[32] = "";
	struct file *file;
	ssize_t len;
	loff_t pos = 0;
	s64 value;

	snprintf(path, sizeof(path), "/sys/bus/platform/devices/%s/odma/%s",
		 dev_name(fx->dev), name);
	file = filp_open(path, O_RDONLY, 0);
	KUNIT_ASSERT_FALSE(fx->test, IS_ERR(file));
	len = kernel_read(file, text, sizeof(text) - 1, &pos);
	filp_close(file, NULL);
	KUNIT_ASSERT_GT(fx->test, len, 0);
	KUNIT_ASSERT_EQ(fx->test, 0, kstrtos64(text, 10, &value));
	return value;
}
