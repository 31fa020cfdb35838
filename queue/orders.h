#ifndef QUEUE_ORDERS_H
#define QUEUE_ORDERS_H

/*
 * orders - what comes to queue-send through its two pipes: ids from the trigger, orders
 * from queue-ctl. A line each, written at once (shorter than PIPE_BUF). The parser is
 * pure; orders_read reads a pipe once.
 *
 *   trigger: "ID"    orders: "retry all", "retry ID", "hold ID", "release ID",
 *                            "drop ID", "bounce ID"
 */

#include <stddef.h>
#include <stdint.h>

#define ORDERS_BUFFER   65536 /* octets read at once: a pipe holds as many */
#define ORDERS_LINE_MAX 64

enum order {
	ORDER_NONE, /* not an order: ignored */
	ORDER_NEW,  /* an id alone */
	ORDER_RETRY,
	ORDER_RETRY_ALL,
	ORDER_HOLD,
	ORDER_RELEASE,
	ORDER_DROP,
	ORDER_BOUNCE,
};

/* order_parse - a line without its LF; the id into *time and *inode (not for RETRY_ALL). */
enum order order_parse(char const *line, size_t len, uint64_t *time, uint64_t *inode);

/* order_word - "retry" and so on: the order that takes an id, or ORDER_NONE. */
enum order order_word(char const *word, size_t len);

/* order_name - its word; "retry" for both. */
char const *order_name(enum order order);

/* Where the lines of a pipe are put together. */
struct orders {
	int fd;
	int capacity; /* octets that the pipe holds */
	size_t len;
	char buffer[ORDERS_BUFFER];
};

/* orders_open - a FIFO, for reading (and writing, so that it never ends). 1, or 0 with errno. */
int orders_open(struct orders *o, char const *path);

/*
 * orders_read - read once; then orders_next gives the lines: 1 and the line, or 0: that
 * was all. orders_read returns 1, 0 nothing was there, -1 errno; *full is set when the
 * pipe was so full that a writer may have been turned away.
 */
int orders_read(struct orders *o, int *full);
int orders_next(struct orders *o, size_t *pos, char const **line, size_t *len);

#endif
