#include "orders.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "message.h"

static struct {
	char const *word;
	enum order order;
} const words[] = {
	{ "retry", ORDER_RETRY },
	{ "hold", ORDER_HOLD },
	{ "release", ORDER_RELEASE },
	{ "drop", ORDER_DROP },
	{ "bounce", ORDER_BOUNCE },
};

enum order
order_word(char const *word, size_t len)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].word) == len && !memcmp(words[i].word, word, len))
			return words[i].order;
	return ORDER_NONE;
}

char const *
order_name(enum order order)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i].order == order)
			return words[i].word;
	return order == ORDER_RETRY_ALL ? "retry" : "new";
}

enum order
order_parse(char const *line, size_t len, uint64_t *time, uint64_t *inode)
{
	char const *const blank = memchr(line, ' ', len);
	size_t const wordlen = blank ? (size_t)(blank - line) : len;
	enum order order;

	if (!blank)
		return message_id_parse(line, len, time, inode) ? ORDER_NEW : ORDER_NONE;
	order = order_word(line, wordlen);
	len -= wordlen + 1;
	if (order == ORDER_RETRY && len == 3 && !memcmp(blank + 1, "all", 3))
		return ORDER_RETRY_ALL;
	return message_id_parse(blank + 1, len, time, inode) ? order : ORDER_NONE;
}

int
orders_open(struct orders *o, char const *path)
{
	o->len = 0;
	o->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (o->fd == -1)
		return 0;
	o->capacity = fcntl(o->fd, F_GETPIPE_SZ);
	return o->capacity > 0; /* else it is no FIFO */
}

int
orders_read(struct orders *o, int *full)
{
	ssize_t r;

	*full = 0;
	r = read(o->fd, o->buffer + o->len, sizeof o->buffer - o->len);
	if (r <= 0)
		return r == -1 && errno != EAGAIN && errno != EINTR ? -1 : 0;
	o->len += (size_t)r;
	*full = r > o->capacity / 2;
	return 1;
}

int
orders_next(struct orders *o, size_t *pos, char const **line, size_t *len)
{
	char const *end;

	*line = o->buffer + *pos;
	end = memchr(*line, '\n', o->len - *pos);
	if (end) {
		*len = (size_t)(end - *line);
		*pos += *len + 1;
		return 1;
	}
	/* the beginning of a line stays, unless no line is so long */
	o->len -= *pos;
	if (o->len > ORDERS_LINE_MAX)
		o->len = 0;
	memmove(o->buffer, *line, o->len);
	return 0;
}
