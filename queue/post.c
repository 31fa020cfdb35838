#include "post.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <skalibs/stralloc.h>

#define ANSWERS 3 /* to M, R and E */

void
post_init(struct post *p, int fd)
{
	struct timeval const limit = { .tv_sec = POST_TIMEOUT };

	p->fd = fd;
	p->busy = 0;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	stream_init(&p->stream, fd, fd);
}

/* put - a frame of fields, each ended by NUL: address, then parameters to a null pointer. */
static int
put(struct stream *s, enum stream_type type, char const *const *fields)
{
	char frame[STREAM_FRAME_MAX];
	size_t len = 0;

	for (; *fields; fields++) {
		size_t const n = strlen(*fields) + 1;

		if (n > sizeof frame - len)
			return 0;
		memcpy(frame + len, *fields, n);
		len += n;
	}
	return stream_put(s, type, frame, len);
}

int
post_send(struct post *p, struct post_message const *m)
{
	char const *client[] = { "protocol=LOCAL", 0 };
	char const *mail[4] = { m->sender };
	char const *rcpt[] = { m->rcpt, 0 };
	size_t n = 1;

	if (m->eightbit)
		mail[n++] = "BODY=8BITMIME";
	if (m->utf8)
		mail[n++] = "SMTPUTF8";
	errno = EMSGSIZE;
	p->busy = put(&p->stream, STREAM_CLIENT, client) && put(&p->stream, STREAM_MAIL, mail) &&
		  put(&p->stream, STREAM_RCPT, rcpt) && stream_data(&p->stream, m->text, m->len) &&
		  stream_put(&p->stream, STREAM_END, "", 0) && stream_flush(&p->stream);
	p->answers = 0;
	return p->busy;
}

int
post_event(struct post *p)
{
	do {
		struct answer a;

		if (stream_get_answer(&p->stream, &a) != STREAM_OK || !p->busy)
			return -1;
		if (!p->answers++ || p->answer.code == 'K')
			p->answer = a;
		if (p->answers == ANSWERS) {
			p->busy = 0;
			return 1;
		}
	} while (stream_has_answer(&p->stream));
	return 0;
}
