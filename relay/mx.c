#include "mx.h"

#include <string.h>

#include "sort.h"

/* A record that is being sorted. */
struct item {
	uint64_t chance;
	uint16_t record;
	uint16_t preference;
};

/* next_random - xorshift64*; nobody gains by guessing it. */
static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

static int
compare(void const *x, void const *y, void *context)
{
	struct item const *const a = x, *const b = y;

	(void)context;
	if (a->preference != b->preference)
		return a->preference < b->preference ? -1 : 1;
	return a->chance < b->chance ? -1 : a->chance > b->chance;
}

static int
has(struct mx const *m, char const *name)
{
	for (size_t i = 0; i < m->count; i++)
		if (!strcmp(m->host[i].name, name))
			return 1;
	return 0;
}

enum mx_kind
mx_order(struct mx *m, struct answers const *a, uint64_t seed)
{
	struct item item[ANSWERS_MAX];
	uint64_t state = seed | 1;

	m->count = 0;
	for (size_t i = 0; i < a->count; i++)
		item[i] = (struct item){ next_random(&state), (uint16_t)i,
			a->record[i].preference };
	sort_items(item, a->count, sizeof *item, compare, 0);
	for (size_t i = 0; i < a->count && m->count < MX_MAX; i++) {
		char const *const name = answers_data(a, item[i].record);

		if (!*name || has(m, name))
			continue;
		memcpy(m->host[m->count].name, name, strlen(name) + 1);
		m->host[m->count++].preference = item[i].preference;
	}
	if (m->count)
		return MX_HOSTS;
	return a->count && !a->unusable ? MX_NULL : MX_UNUSABLE;
}

size_t
mx_end_of_group(struct mx const *m, size_t first)
{
	size_t end = first;

	while (end < m->count && m->host[end].preference == m->host[first].preference)
		end++;
	return end;
}

void
mx_cut(struct mx *m, size_t i)
{
	uint16_t const preference = m->host[i].preference;

	while (m->count && m->host[m->count - 1].preference >= preference)
		m->count--;
}
