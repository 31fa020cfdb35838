#include "typed.h"

/* release - what was held back is text. */
static size_t
release(struct typed *t, char *to)
{
	size_t n = 0;

	if (t->dot)
		to[n++] = '.';
	if (t->cr)
		to[n++] = '\r';
	t->begun |= t->dot | t->cr;
	t->dot = t->cr = 0;
	return n;
}

size_t
typed_feed(struct typed *t, char const *from, size_t len, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < len && !t->ended; i++) {
		char const c = from[i];

		if (c == '\n') {
			if (t->dot) {
				t->ended = 1;
				break;
			}
			t->cr = t->begun = 0;
			to[n++] = c;
			continue;
		}
		if (t->cr || (t->dot && c != '\r'))
			n += release(t, to + n);
		if (c == '\r') {
			t->cr = 1;
		} else if (c == '.' && !t->begun && !t->dot && !t->dot_is_text) {
			t->dot = 1;
		} else {
			t->begun = 1;
			to[n++] = c;
		}
	}
	return n;
}

size_t
typed_finish(struct typed *t, char *to)
{
	size_t n = 0;

	if (t->ended)
		return 0;
	n = release(t, to);
	if (t->begun)
		to[n++] = '\n';
	return n;
}
