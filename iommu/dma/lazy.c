// SPDX-License-Identifier: GPL-2.0
/*
 * Lazy invalidation: what is unmapped waits, on the CPU where that was, until
 * the whole domain is invalidated once for all of it. Its addresses are nobody
 * else's before that.
 *
 * Each wait remembers how many invalidations had begun; when more than those
 * are through, one of them began after the unmap.
 */
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "iommu.h"

#define ODMA_LAZY_ENTRIES	256U
#define ODMA_LAZY_DELAY		msecs_to_jiffies(10)

struct odma_lazy_entry {
	u64 iova;
	size_t size;
	u64 begun;
};

/*
 * struct odma_lazy_queue - what was unmapped on one CPU
 * @lock: another CPU may take out what is through
 * @first: the oldest entry; it and @next only grow
 * @next: where the next one goes
 * @pages: tables that may be freed after the next invalidation
 * @entry: what waits
 */
struct odma_lazy_queue {
	spinlock_t lock; /* any context */
	unsigned int first;
	unsigned int next;
	struct list_head pages;
	struct odma_lazy_entry entry[ODMA_LAZY_ENTRIES];
};

/*
 * struct odma_lazy - what waits in one domain
 * @domain: the domain
 * @queues: where it waits
 * @begun: invalidations of the domain that have begun
 * @through: those that are through
 * @work: the next one
 */
struct odma_lazy {
	struct odma_domain *domain;
	struct odma_lazy_queue __percpu *queues;
	atomic64_t begun;
	atomic64_t through;
	struct delayed_work work;
};

/* With the queue's lock held. */
static void odma_lazy_release(struct odma_lazy *lazy, struct odma_lazy_queue *q)
{
	u64 through = atomic64_read_acquire(&lazy->through);

	while (q->first != q->next) {
		struct odma_lazy_entry *entry =
			&q->entry[q->first % ODMA_LAZY_ENTRIES];

		if (entry->begun >= through)
			break;
		odma_iova_free(lazy->domain, entry->iova, entry->size);
		q->first++;
	}
}

/**
 * odma_lazy_drain() - invalidate all that waits now
 * @lazy: the domain's
 *
 * Context: any.
 */
void odma_lazy_drain(struct odma_lazy *lazy)
{
	struct odma_iommu_gather gather;
	struct odma_lazy_queue *q;
	unsigned long flags;
	int cpu;

	odma_iommu_gather_init(&gather);
	for_each_possible_cpu(cpu) {
		q = per_cpu_ptr(lazy->queues, cpu);
		spin_lock_irqsave(&q->lock, flags);
		list_splice_tail_init(&q->pages, &gather.pages);
		spin_unlock_irqrestore(&q->lock, flags);
	}
	/* Counted as begun before it is, as through after it is: ordered. */
	atomic64_inc_return(&lazy->begun);
	odma_domain_flush_all(lazy->domain, &gather);
	atomic64_inc_return(&lazy->through);
	for_each_possible_cpu(cpu) {
		q = per_cpu_ptr(lazy->queues, cpu);
		spin_lock_irqsave(&q->lock, flags);
		odma_lazy_release(lazy, q);
		spin_unlock_irqrestore(&q->lock, flags);
	}
}

static void odma_lazy_work(struct work_struct *work)
{
	odma_lazy_drain(container_of(to_delayed_work(work), struct odma_lazy,
				     work));
}

static bool odma_lazy_put(struct odma_lazy *lazy, u64 iova, size_t size,
			  struct odma_iommu_gather *gather)
{
	struct odma_lazy_queue *q = raw_cpu_ptr(lazy->queues);
	struct odma_lazy_entry *entry;
	unsigned long flags;
	bool room;

	spin_lock_irqsave(&q->lock, flags);
	if (q->next - q->first == ODMA_LAZY_ENTRIES)
		odma_lazy_release(lazy, q);
	room = q->next - q->first < ODMA_LAZY_ENTRIES;
	if (room) {
		entry = &q->entry[q->next++ % ODMA_LAZY_ENTRIES];
		entry->iova = iova;
		entry->size = size;
		/* The tables have changed before it is asked what has begun. */
		smp_mb();
		entry->begun = atomic64_read(&lazy->begun);
		list_splice_tail_init(&gather->pages, &q->pages);
	}
	spin_unlock_irqrestore(&q->lock, flags);
	return room;
}

/**
 * odma_lazy_add() - leave an unmap to the next invalidation of the domain
 * @lazy: the domain's
 * @iova: first address
 * @size: bytes, as they were allocated
 * @gather: what to invalidate; taken over
 *
 * Where this CPU's queue is full it is drained.
 *
 * Context: any.
 *
 * Return: false where there is no room even so: invalidate it now.
 */
bool odma_lazy_add(struct odma_lazy *lazy, u64 iova, size_t size,
		   struct odma_iommu_gather *gather)
{
	if (unlikely(!odma_lazy_put(lazy, iova, size, gather))) {
		odma_lazy_drain(lazy);
		if (!odma_lazy_put(lazy, iova, size, gather))
			return false;
	}
	this_cpu_inc(lazy->domain->counts->queued);
	if (!delayed_work_pending(&lazy->work))
		schedule_delayed_work(&lazy->work, ODMA_LAZY_DELAY);
	return true;
}

/* For people: how much waits. */
unsigned int odma_lazy_depth(const struct odma_lazy *lazy)
{
	unsigned int depth = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct odma_lazy_queue *q =
			per_cpu_ptr(lazy->queues, cpu);

		depth += READ_ONCE(q->next) - READ_ONCE(q->first);
	}
	return depth;
}

/**
 * odma_lazy_create() - queues for a domain
 * @d: the domain
 *
 * Context: process context.
 *
 * Return: them, or NULL where there is no memory.
 */
struct odma_lazy *odma_lazy_create(struct odma_domain *d)
{
	struct odma_lazy *lazy = kzalloc(sizeof(*lazy), GFP_KERNEL);
	int cpu;

	if (!lazy)
		return NULL;
	lazy->domain = d;
	INIT_DELAYED_WORK(&lazy->work, odma_lazy_work);
	lazy->queues = alloc_percpu(struct odma_lazy_queue);
	if (!lazy->queues) {
		kfree(lazy);
		return NULL;
	}
	for_each_possible_cpu(cpu) {
		struct odma_lazy_queue *q = per_cpu_ptr(lazy->queues, cpu);

		spin_lock_init(&q->lock);
		INIT_LIST_HEAD(&q->pages);
	}
	return lazy;
}

/* Nobody unmaps in this domain any more. */
void odma_lazy_destroy(struct odma_lazy *lazy)
{
	cancel_delayed_work_sync(&lazy->work);
	odma_lazy_drain(lazy);
	free_percpu(lazy->queues);
	kfree(lazy);
}
