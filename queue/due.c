#include "due.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 256
#define NOWHERE    UINT32_MAX /* place of an entry that is in no heap */

void
due_init(struct due *d)
{
	memset(d, 0, sizeof *d);
	d->free = DUE_NONE;
}

void
due_free(struct due *d)
{
	free(d->entry);
	free(d->table);
	for (unsigned int i = 0; i < DUE_ALL; i++)
		free(d->heap[i].item);
	due_init(d);
}

/* grown - the array at *p with room for one more than used; 1, or 0. */
static int
grown(void *p, size_t item, uint32_t used, uint32_t *size)
{
	uint32_t const wanted = *size ? *size * 2 : FIRST_SIZE;
	void *old, *new;

	if (used < *size)
		return 1;
	if (wanted > DUE_MAX)
		return 0;
	memcpy(&old, p, sizeof old);
	if (!(new = reallocarray(old, wanted, item)))
		return 0;
	memcpy(p, &new, sizeof new);
	*size = wanted;
	return 1;
}

static uint32_t
slot_of(struct due const *d, uint64_t time, uint64_t inode)
{
	uint64_t h = (time ^ inode * 0x9e3779b97f4a7c15ULL) * 0xbf58476d1ce4e5b9ULL;

	return (uint32_t)(h >> 32) & d->mask;
}

static uint32_t
slot_of_entry(struct due const *d, uint32_t number)
{
	return slot_of(d, d->entry[number].time, d->entry[number].inode);
}

/* find_slot - the table's slot that holds the message, or the empty one where it would be. */
static uint32_t
find_slot(struct due const *d, uint64_t time, uint64_t inode)
{
	uint32_t slot = slot_of(d, time, inode);

	for (; d->table[slot]; slot = (slot + 1) & d->mask) {
		struct due_entry const *e = &d->entry[d->table[slot] - 1];

		if (e->time == time && e->inode == inode)
			break;
	}
	return slot;
}

uint32_t
due_find(struct due const *d, uint64_t time, uint64_t inode)
{
	uint32_t slot;

	if (!d->table)
		return DUE_NONE;
	slot = find_slot(d, time, inode);
	return d->table[slot] ? d->table[slot] - 1 : DUE_NONE;
}

/* grow_table - keep the table at most half full: 1, or 0. */
static int
grow_table(struct due *d)
{
	uint32_t const old_size = d->table ? d->mask + 1 : 0;
	uint32_t const size = old_size ? old_size * 2 : FIRST_SIZE * 2;
	uint32_t *const old = d->table;

	if (d->count < old_size / 2)
		return 1;
	if (!(d->table = calloc(size, sizeof *d->table))) {
		d->table = old;
		return 0;
	}
	d->mask = size - 1;
	for (uint32_t i = 0; i < old_size; i++) {
		struct due_entry const *e;

		if (!old[i])
			continue;
		e = &d->entry[old[i] - 1];
		d->table[find_slot(d, e->time, e->inode)] = old[i];
	}
	free(old);
	return 1;
}

uint32_t
due_add(struct due *d, uint64_t time, uint64_t inode)
{
	uint32_t number = due_find(d, time, inode);

	if (number != DUE_NONE)
		return number;
	if (!grow_table(d) ||
	    (d->free == DUE_NONE && !grown(&d->entry, sizeof *d->entry, d->entries, &d->size)))
		return DUE_NONE;
	if (d->free != DUE_NONE) {
		number = d->free;
		d->free = d->entry[number].place;
	} else {
		number = d->entries++;
	}
	d->entry[number] = (struct due_entry){
		.inode = inode,
		.time = time & ((1ULL << DUE_TIME_BITS) - 1),
		.lane = DUE_UNKNOWN,
		.at = DUE_NEVER,
		.place = NOWHERE,
	};
	d->table[find_slot(d, time, inode)] = number + 1;
	d->count++;
	return number;
}

/* is_before - the earlier one first; of two, the older message. */
static int
is_before(struct due const *d, uint32_t a, uint32_t b)
{
	struct due_entry const *x = &d->entry[a], *y = &d->entry[b];

	return x->at != y->at ? x->at < y->at : x->time < y->time;
}

static void
set(struct due *d, struct due_heap *h, uint32_t place, uint32_t number)
{
	h->item[place] = number;
	d->entry[number].place = place;
}

static void
rise(struct due *d, struct due_heap *h, uint32_t place)
{
	uint32_t const number = h->item[place];

	while (place) {
		uint32_t const above = (place - 1) / 2;

		if (!is_before(d, number, h->item[above]))
			break;
		set(d, h, place, h->item[above]);
		place = above;
	}
	set(d, h, place, number);
}

static void
sink(struct due *d, struct due_heap *h, uint32_t place)
{
	uint32_t const number = h->item[place];

	for (;;) {
		uint32_t below = place * 2 + 1;

		if (below >= h->count)
			break;
		if (below + 1 < h->count && is_before(d, h->item[below + 1], h->item[below]))
			below++;
		if (!is_before(d, h->item[below], number))
			break;
		set(d, h, place, h->item[below]);
		place = below;
	}
	set(d, h, place, number);
}

/* leave - out of the heap, if it is in one. */
static void
leave(struct due *d, uint32_t number)
{
	struct due_heap *h = &d->heap[d->entry[number].lane];
	uint32_t const place = d->entry[number].place;
	uint32_t last;

	if (place == NOWHERE)
		return;
	d->entry[number].place = NOWHERE;
	last = h->item[--h->count];
	if (last == number)
		return;
	set(d, h, place, last);
	rise(d, h, place);
	sink(d, h, d->entry[last].place);
}

int
due_put(struct due *d, uint32_t number, uint32_t at)
{
	struct due_heap *h = &d->heap[d->entry[number].lane];

	leave(d, number);
	d->entry[number].at = at;
	if (at == DUE_NEVER)
		return 1;
	if (!grown(&h->item, sizeof *h->item, h->count, &h->size))
		return 0;
	h->item[h->count] = number;
	rise(d, h, h->count++);
	return 1;
}

int
due_lane(struct due *d, uint32_t number, unsigned int lane)
{
	struct due_heap *h = &d->heap[lane];
	int const waits = d->entry[number].place != NOWHERE;

	if (d->entry[number].lane == lane)
		return 1;
	if (waits && !grown(&h->item, sizeof *h->item, h->count, &h->size))
		return 0;
	leave(d, number);
	d->entry[number].lane = lane & (DUE_ALL - 1);
	return !waits || due_put(d, number, d->entry[number].at);
}

static int
is_closed(uint64_t closed, unsigned int lane)
{
	return closed >> lane & 1;
}

uint32_t
due_take(struct due *d, uint32_t now, uint64_t closed)
{
	for (unsigned int i = 0; i < DUE_ALL; i++) {
		unsigned int const lane = d->turn;
		struct due_heap const *h = &d->heap[lane];

		d->turn = (lane + 1) % DUE_ALL;
		if (h->count && d->entry[*h->item].at <= now && !is_closed(closed, lane)) {
			uint32_t const number = *h->item;

			leave(d, number);
			return number;
		}
	}
	return DUE_NONE;
}

uint32_t
due_next(struct due const *d, uint64_t closed)
{
	uint32_t next = DUE_NEVER;

	for (unsigned int i = 0; i < DUE_ALL; i++) {
		struct due_heap const *h = &d->heap[i];

		if (h->count && d->entry[*h->item].at < next && !is_closed(closed, i))
			next = d->entry[*h->item].at;
	}
	return next;
}

uint32_t
due_arrived(struct due const *d)
{
	struct due_heap const *h = &d->heap[DUE_ARRIVED];

	return h->count ? *h->item : DUE_NONE;
}

void
due_all(struct due *d, uint32_t at)
{
	for (unsigned int i = 0; i < DUE_ALL; i++) {
		struct due_heap *h = &d->heap[i];

		for (uint32_t k = 0; k < h->count; k++) {
			d->entry[h->item[k]].at = at;
			d->entry[h->item[k]].hurry = 1;
		}
		for (uint32_t k = h->count / 2; k; k--)
			sink(d, h, k - 1);
	}
	for (uint32_t number = 0; number < d->entries; number++)
		if (d->entry[number].unread && due_put(d, number, at)) {
			d->entry[number].unread = 0;
			d->entry[number].hurry = 1;
		}
}

void
due_forget(struct due *d, uint32_t number)
{
	uint32_t hole = find_slot(d, d->entry[number].time, d->entry[number].inode);

	leave(d, number);
	/* close the gap: whoever would not be found behind it moves into it */
	for (uint32_t i = (hole + 1) & d->mask; d->table[i]; i = (i + 1) & d->mask) {
		uint32_t const home = slot_of_entry(d, d->table[i] - 1);

		if (((i - home) & d->mask) >= ((i - hole) & d->mask)) {
			d->table[hole] = d->table[i];
			hole = i;
		}
	}
	d->table[hole] = 0;
	d->entry[number].place = d->free;
	d->entry[number].unread = 0;
	d->entry[number].inode = 0;
	d->entry[number].time = 0;
	d->free = number;
	d->count--;
}
