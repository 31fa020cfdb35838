#ifndef QUEUE_POST_H
#define QUEUE_POST_H

/*
 * post - send a message of our own into the queue, through the queue-inject that
 * queue-start left running; one at a time. Does I/O: writes a report at once (it fits
 * the socket's buffer, since the injector has answered the one before), and reads the
 * answers when the owner's poll says that they are there.
 */

#include <stddef.h>

#include "stream.h"

#define POST_TIMEOUT 30 /* seconds that the injector may keep us waiting inside a write or read */

struct post {
	int fd;
	int busy;             /* a message is being committed */
	unsigned int answers; /* that came for it */
	struct answer answer; /* the first that is not K, or the last */
	struct stream stream;
};

struct post_message {
	char const *sender, *rcpt;
	int eightbit, utf8;
	char const *text;
	size_t len;
};

void post_init(struct post *p, int fd);

/* post_send - 1, or 0 with errno: the injector is gone. */
int post_send(struct post *p, struct post_message const *m);

/* post_event - read what came: 1 p->answer is the outcome, 0 more is to come, -1 it is gone. */
int post_event(struct post *p);

#endif
