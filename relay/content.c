#include "content.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void
content_init(struct content *c)
{
	c->fd = -1;
	content_begin(c);
}

void
content_begin(struct content *c)
{
	if (c->fd != -1)
		close(c->fd);
	c->fd = -1;
	c->len = c->used = 0;
	c->passing = c->surveyed = 0;
}

int
content_data(struct content *c, char const *data, size_t len)
{
	if (c->passing || len > sizeof c->small - c->used) {
		c->passing = 1;
		return 0;
	}
	memcpy(c->small + c->used, data, len);
	c->used += len;
	return 1;
}

/* number - decimal digits up to end: 1 or 0. */
static int
number(char const *s, char const *end, uint64_t *to)
{
	*to = 0;
	if (s == end)
		return 0;
	for (; s < end; s++) {
		if (*s < '0' || *s > '9' || *to > INT64_MAX / 10 - 1)
			return 0;
		*to = *to * 10 + (uint64_t)(*s - '0');
	}
	return 1;
}

/* keep_small - a small file is read at once: that serves all later uses. 1, or 0 with errno. */
static int
keep_small(struct content *c)
{
	while (c->used < c->len) {
		ssize_t const n = pread(
		    c->fd, c->small + c->used, (size_t)c->len - c->used, (off_t)(c->at + c->used));

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (!n)
				errno = ENODATA;
			return 0;
		}
		c->used += (size_t)n;
	}
	close(c->fd);
	c->fd = -1;
	return 1;
}

int
content_file(struct content *c, struct frame const *f)
{
	char const *const end = f->data + f->len;
	char const *const blank = memchr(f->data, ' ', f->len);

	content_begin(c);
	c->fd = f->fd;
	return blank && number(f->data, blank, &c->at) && number(blank + 1, end, &c->len) &&
	       c->len <= INT64_MAX - c->at;
}

/* hand_over - 1, or 0 with errno 0: whatever take met is not about reading. */
static int
hand_over(
    int (*take)(void *to, char const *data, size_t len), void *to, char const *data, size_t len)
{
	if (!len || take(to, data, len))
		return 1;
	errno = 0;
	return 0;
}

int
content_each(struct content *c, int (*take)(void *to, char const *data, size_t len), void *to)
{
	uint64_t done = 0;

	if (c->fd == -1)
		return hand_over(take, to, c->small, c->used);
	while (done < c->len) {
		uint64_t const left = c->len - done;
		ssize_t const n = pread(c->fd, c->piece,
		    left < sizeof c->piece ? (size_t)left : sizeof c->piece, (off_t)(c->at + done));

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (!n)
				errno = ENODATA; /* it is shorter than the source said */
			return 0;
		}
		if (!hand_over(take, to, c->piece, (size_t)n))
			return 0;
		done += (uint64_t)n;
	}
	return 1;
}

static int
look(void *to, char const *data, size_t len)
{
	survey_feed(to, data, len);
	return 1;
}

int
content_survey(struct content *c)
{
	if (c->surveyed)
		return 1;
	if (c->fd != -1 && c->len <= sizeof c->small && !keep_small(c))
		return 0;
	survey_begin(&c->survey);
	if (!content_each(c, look, &c->survey))
		return 0;
	survey_end(&c->survey);
	c->surveyed = 1;
	return 1;
}

char const *
content_wire(struct content *c, size_t *len)
{
	struct wireform w;

	if (c->fd != -1 || c->passing)
		return 0;
	wireform_begin(&w, 0);
	wireform_feed(&w, c->small, c->used, c->wire, sizeof c->wire - WIREFORM_END_MAX, len);
	*len += wireform_end(&w, c->wire + *len);
	return c->wire;
}
