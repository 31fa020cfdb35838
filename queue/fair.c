#include "fair.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 64 /* of the table */

struct group {
	struct group *next, *prev;
	struct job *job;
	struct rcpt *rcpt;
	uint32_t first, last, count;
};

struct turn {
	struct turn *next, *prev; /* the lane's ring; null while the destination is at its limit */
	struct turn *sibling;     /* the next turn of the destination */
	struct destination *destination;
	struct group *head, *tail;
	unsigned int lane;
};

void
fair_init(struct fair *f, unsigned int limit, uint64_t seed)
{
	memset(f, 0, sizeof *f);
	f->limit = limit;
	f->seed = seed;
}

static size_t
slot_of(struct fair const *f, char const *name, size_t len)
{
	uint64_t h = f->seed ^ len;

	for (size_t i = 0; i < len; i++) {
		h = (h ^ (unsigned char)name[i]) * 0x9e3779b97f4a7c15ULL;
		h ^= h >> 29;
	}
	return (size_t)h & (f->size - 1);
}

/* grow - a table about as large as there are destinations. 1, or 0. */
static int
grow(struct fair *f)
{
	size_t const old_size = f->size;
	struct destination **const old = f->table;

	if (f->count < f->size)
		return 1;
	f->size = old_size ? old_size * 2 : FIRST_SIZE;
	if (!(f->table = calloc(f->size, sizeof *f->table))) {
		f->table = old;
		f->size = old_size;
		return old_size > 0;
	}
	for (size_t i = 0; i < old_size; i++) {
		struct destination *d, *next;

		for (d = old[i]; d; d = next) {
			size_t const slot = slot_of(f, d->name, d->len);

			next = d->next;
			d->next = f->table[slot];
			f->table[slot] = d;
		}
	}
	free(old);
	return 1;
}

struct destination *
fair_destination(struct fair *f, char const *name, size_t len)
{
	struct destination *d;
	size_t slot;

	if (!grow(f))
		return 0;
	slot = slot_of(f, name, len);
	for (d = f->table[slot]; d; d = d->next)
		if (d->len == len && !memcmp(d->name, name, len))
			return d;
	if (!(d = calloc(1, sizeof *d + len)))
		return 0;
	memcpy(d->name, name, len);
	d->len = len;
	d->window = f->first;
	d->next = f->table[slot];
	f->table[slot] = d;
	f->count++;
	return d;
}

int
fair_is_down(struct destination const *d, uint32_t now)
{
	return d->failures && d->resume > now;
}

/* --- rings of turns --- */

static void
link_turn(struct fair *f, struct turn *t)
{
	struct turn **const ring = &f->lane[t->lane];

	if (!*ring) {
		*ring = t->next = t->prev = t;
		return;
	}
	t->next = *ring;
	t->prev = (*ring)->prev;
	t->prev->next = t->next->prev = t;
}

static void
unlink_turn(struct fair *f, struct turn *t)
{
	struct turn **const ring = &f->lane[t->lane];

	if (!t->next)
		return;
	if (t->next == t) {
		*ring = 0;
	} else {
		t->next->prev = t->prev;
		t->prev->next = t->next;
		if (*ring == t)
			*ring = t->next;
	}
	t->next = t->prev = 0;
}

static int
is_full(struct fair const *f, struct destination const *d)
{
	unsigned int const window = f->first && d->window < f->limit ? d->window : f->limit;

	return d->running >= (d->failures ? 1 : window);
}

/* arrange - have the destination's turns in the rings, or not. */
static void
arrange(struct fair *f, struct destination *d)
{
	int const full = is_full(f, d);

	for (struct turn *t = d->turns; t; t = t->sibling) {
		if (full)
			unlink_turn(f, t);
		else if (!t->next)
			link_turn(f, t);
	}
}

static struct turn *
turn_of(struct fair *f, struct destination *d, unsigned int lane)
{
	struct turn *t;

	for (t = d->turns; t; t = t->sibling)
		if (t->lane == lane)
			return t;
	if (!(t = calloc(1, sizeof *t)))
		return 0;
	t->destination = d;
	t->lane = lane;
	t->sibling = d->turns;
	d->turns = t;
	if (!is_full(f, d))
		link_turn(f, t);
	return t;
}

static void
end_turn(struct fair *f, struct turn *t)
{
	struct turn **p = &t->destination->turns;

	while (*p != t)
		p = &(*p)->sibling;
	*p = t->sibling;
	unlink_turn(f, t);
	free(t);
}

/* --- groups --- */

static void
append_group(struct turn *t, struct group *g)
{
	g->next = 0;
	g->prev = t->tail;
	*(t->tail ? &t->tail->next : &t->head) = g;
	t->tail = g;
}

static void
remove_group(struct turn *t, struct group *g)
{
	*(g->prev ? &g->prev->next : &t->head) = g->next;
	*(g->next ? &g->next->prev : &t->tail) = g->prev;
}

int
fair_add(struct fair *f, struct destination *d, unsigned int lane, struct job *job,
    struct rcpt *rcpt, uint32_t n)
{
	struct turn *t = turn_of(f, d, lane % FAIR_LANES);
	struct group *g;

	if (!t)
		return -1;
	rcpt[n].link = FAIR_LAST;
	if (t->tail && t->tail->job == job) {
		g = t->tail;
		rcpt[g->last].link = n;
		g->last = n;
		g->count++;
		return 0;
	}
	if (!(g = calloc(1, sizeof *g))) {
		if (!t->head)
			end_turn(f, t);
		return -1;
	}
	*g = (struct group){ .job = job, .rcpt = rcpt, .first = n, .last = n, .count = 1 };
	append_group(t, g);
	d->waiting++;
	f->waiting++;
	return 1;
}

/* take - up to max recipients of a group; an empty group goes, and an empty turn with it. */
static void
take(struct fair *f, struct turn *t, struct group *g, uint32_t max, struct batch *b)
{
	struct destination *const d = t->destination;
	uint32_t last = g->first;

	*b = (struct batch){ d, g->job, g->rcpt, g->first, 1 };
	while (b->count < max && b->count < g->count) {
		last = g->rcpt[last].link;
		b->count++;
	}
	g->first = g->rcpt[last].link;
	g->count -= b->count;
	g->rcpt[last].link = FAIR_LAST;
	remove_group(t, g);
	if (g->count) {
		append_group(t, g);
		return;
	}
	free(g);
	d->waiting--;
	f->waiting--;
	if (!t->head)
		end_turn(f, t);
}

int
fair_take(struct fair *f, uint32_t max, struct batch *b)
{
	for (unsigned int i = 0; i < FAIR_LANES; i++) {
		struct turn *const t = f->lane[f->next_lane];

		if (t)
			f->lane[f->next_lane] = t->next;
		f->next_lane = (f->next_lane + 1) % FAIR_LANES;
		if (!t)
			continue;
		take(f, t, t->head, max, b);
		b->destination->running++;
		arrange(f, b->destination);
		return 1;
	}
	return 0;
}

int
fair_take_from(struct fair *f, struct destination *d, uint32_t max, struct batch *b)
{
	struct turn *const t = d->turns;
	struct turn **end = &d->turns;

	if (!t || is_full(f, d))
		return 0;
	*end = t->sibling;
	while (*end)
		end = &(*end)->sibling;
	*end = t;
	t->sibling = 0;
	take(f, t, t->head, max, b);
	d->running++;
	arrange(f, d);
	return 1;
}

int
fair_drain(struct fair *f, struct destination *d, struct batch *b)
{
	struct turn *const t = d->turns;

	if (!t)
		return 0;
	take(f, t, t->tail, UINT32_MAX, b);
	return 1;
}

/* --- destinations --- */

void
fair_finished(struct fair *f, struct destination *d)
{
	d->running--;
	arrange(f, d);
}

void
fair_release(struct fair *f, struct destination *d)
{
	struct destination **p;

	if (d->running || d->turns || d->sinks || d->failures)
		return;
	for (p = &f->table[slot_of(f, d->name, d->len)]; *p != d; p = &(*p)->next)
		;
	*p = d->next;
	f->count--;
	free(d);
}

void
fair_failed(struct fair *f, struct destination *d, uint32_t resume)
{
	if (!d->failures) {
		if (f->down >= FAIR_DOWN_MAX)
			return;
		f->down++;
	}
	d->failures++;
	d->resume = resume;
	arrange(f, d);
}

/* may_grow - a delivery more has worked. */
static int
may_grow(struct destination *d)
{
	d->worked++;
	if (!d->ceiling || d->window < d->ceiling)
		return d->worked >= d->window;
	if (d->worked < FAIR_PATIENCE)
		return 0;
	d->ceiling++;
	return 1;
}

void
fair_worked(struct fair *f, struct destination *d)
{
	if (d->failures) {
		f->down--;
		d->failures = 0;
		d->window = f->first;
		d->worked = 0;
	} else if (!f->first || d->window >= f->limit || !may_grow(d)) {
		return;
	} else {
		d->window++;
		d->worked = 0;
	}
	arrange(f, d);
}

void
fair_busy(struct fair *f, struct destination *d)
{
	d->window = d->ceiling = d->running > 1 ? d->running - 1 : 1;
	d->worked = 0;
	arrange(f, d);
}

void
fair_limit(struct fair *f, unsigned int limit)
{
	f->limit = limit;
	for (size_t i = 0; i < f->size; i++)
		for (struct destination *d = f->table[i]; d; d = d->next)
			arrange(f, d);
}

void
fair_purge(struct fair *f, uint32_t since)
{
	for (size_t i = 0; i < f->size; i++) {
		struct destination *d, *next;

		for (d = f->table[i]; d; d = next) {
			next = d->next;
			if (d->failures && d->resume < since)
				fair_worked(f, d);
			fair_release(f, d);
		}
	}
}

struct destination *
fair_fullest(struct fair const *f)
{
	struct destination *fullest = 0;

	for (size_t i = 0; i < f->size; i++)
		for (struct destination *d = f->table[i]; d; d = d->next)
			if (d->waiting > (fullest ? fullest->waiting : 0))
				fullest = d;
	return fullest;
}

void
fair_free(struct fair *f)
{
	for (size_t i = 0; i < f->size; i++) {
		struct destination *d, *next;

		for (d = f->table[i]; d; d = next) {
			next = d->next;
			free(d);
		}
	}
	free(f->table);
	f->table = 0;
	f->size = f->count = 0;
}
