#include "sort.h"

#include <string.h>

/* A heap: no item is less than the two below it. */
struct heap {
	char *items;
	size_t count, size;
	int (*compare)(void const *, void const *, void *);
	void *context;
};

static char *
at(struct heap const *h, size_t place)
{
	return h->items + place * h->size;
}

/* sink - put item where it belongs, at that place or below it. */
static void
sink(struct heap const *h, size_t place, char const *item)
{
	for (;;) {
		size_t below = place * 2 + 1;

		if (below >= h->count)
			break;
		if (below + 1 < h->count &&
		    h->compare(at(h, below), at(h, below + 1), h->context) < 0)
			below++;
		if (h->compare(item, at(h, below), h->context) >= 0)
			break;
		memcpy(at(h, place), at(h, below), h->size);
		place = below;
	}
	memcpy(at(h, place), item, h->size);
}

void
sort_items(void *items, size_t count, size_t size,
    int (*compare)(void const *, void const *, void *), void *context)
{
	struct heap h = { items, count, size, compare, context };
	char item[SORT_SIZE_MAX];

	if (count < 2 || size > sizeof item)
		return;
	for (size_t i = count / 2; i; i--) {
		memcpy(item, at(&h, i - 1), size);
		sink(&h, i - 1, item);
	}
	while (--h.count) {
		memcpy(item, at(&h, h.count), size);
		memcpy(at(&h, h.count), at(&h, 0), size);
		sink(&h, 0, item);
	}
}
