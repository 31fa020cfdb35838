#include "classic.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "date.h"
#include "submit.h"

#define RECEIVED_MAX 256 /* octets of the Received line */

enum classic_event
classic_next(struct classic_envelope *e, char octet)
{
	switch (e->expect) {
	case CLASSIC_SENDER:
	case CLASSIC_RCPT:
		if (e->expect == CLASSIC_RCPT && !octet)
			return CLASSIC_END;
		if (octet != (e->expect == CLASSIC_RCPT ? 'T' : 'F'))
			return CLASSIC_WRONG;
		e->type = octet == 'T' ? STREAM_RCPT : STREAM_MAIL;
		e->len = 0;
		e->expect = CLASSIC_ADDRESS;
		return CLASSIC_MORE;
	case CLASSIC_ADDRESS: break;
	}
	if (!octet) {
		e->expect = CLASSIC_RCPT;
		return CLASSIC_PATH;
	}
	if (e->len == sizeof e->address)
		return CLASSIC_LONG;
	e->address[e->len++] = octet;
	return CLASSIC_MORE;
}

static ssize_t
read_some(int fd, char *to, size_t max)
{
	ssize_t r;

	do
		r = read(fd, to, max);
	while (r == -1 && errno == EINTR);
	return r;
}

/* write_trouble - which exit code goes with the first failure. */
static enum exits
write_trouble(struct inject const *in)
{
	return in->error == EACCES || in->error == EOPNOTSUPP ? EXITS_MESS : EXITS_WRITE;
}

static enum exits
put_received(struct inject *in, uid_t uid, pid_t pid)
{
	char line[RECEIVED_MAX], id[MESSAGE_ID_MAX], date[DATE_MAX];
	int n;

	if (!inject_id(in, id))
		return write_trouble(in);
	date_rfc5322(date, message_birth(in->time));
	n = snprintf(line, sizeof line,
	    "Received: (queue-inject %ld invoked by uid %lu)\n\tid %s; %s\n", (long)pid,
	    (unsigned long)uid, id, date);
	if (n < 0 || (size_t)n >= sizeof line)
		return EXITS_BUG;
	inject_put(in, line, (size_t)n);
	return EXITS_QUEUED;
}

static enum exits
read_message(struct inject *in)
{
	in->regions.message = MESSAGE_HEADER_SIZE;
	for (;;) {
		size_t max;
		char *to = inject_room(in, &max);
		ssize_t const r = read_some(0, to, max);

		if (r == -1)
			return EXITS_READ;
		if (in->error)
			return write_trouble(in);
		if (!r)
			break;
		inject_filled(in, (size_t)r);
	}
	in->regions.messagelen = inject_size(in) - in->regions.message;
	return EXITS_QUEUED;
}

/* add_path - one complete address, unless that makes the envelope too large. */
static enum exits
add_path(struct inject *in, struct classic_envelope const *e, size_t *rcpts)
{
	struct submit_frame path;

	if (submit_address(&path, e->type, e->address, e->len) != SUBMIT_OK)
		return EXITS_ADDRESS;
	if (e->type == STREAM_RCPT && ++*rcpts > MESSAGE_RCPTS_MAX)
		return EXITS_REFUSED;
	if (inject_size(in) - in->regions.envelope + STREAM_FRAME_MAX > MESSAGE_ENVELOPE_MAX)
		return EXITS_REFUSED;
	inject_frame(in, e->type, path.data, path.len);
	return EXITS_QUEUED;
}

/* add_octets - a piece of the envelope; *end is set behind its last NUL. */
static enum exits
add_octets(struct inject *in, struct classic_envelope *e, char const *s, size_t len, size_t *rcpts,
    int *end)
{
	for (size_t i = 0; i < len && !*end; i++) {
		enum exits r = EXITS_QUEUED;

		switch (classic_next(e, s[i])) {
		case CLASSIC_MORE: break;
		case CLASSIC_PATH: r = add_path(in, e, rcpts); break;
		case CLASSIC_END: *end = 1; break;
		case CLASSIC_LONG: return EXITS_ADDRESS;
		case CLASSIC_WRONG: return EXITS_SYNTAX;
		}
		if (r != EXITS_QUEUED)
			return r;
	}
	return EXITS_QUEUED;
}

static enum exits
read_envelope(struct inject *in, uid_t uid, size_t *rcpts)
{
	struct classic_envelope e = { .expect = CLASSIC_SENDER };
	struct submit_frame client;
	char piece[4096];
	enum exits result = EXITS_QUEUED;
	int end = 0;

	in->regions.envelope = inject_size(in);
	submit_client(&client, uid, 0);
	inject_frame(in, STREAM_CLIENT, client.data, client.len);
	while (!end && result == EXITS_QUEUED) {
		ssize_t const r = read_some(1, piece, sizeof piece);

		if (r <= 0)
			return EXITS_READ;
		result = add_octets(in, &e, piece, (size_t)r, rcpts, &end);
	}
	in->regions.envelopelen = inject_size(in) - in->regions.envelope;
	return result;
}

enum exits
classic_queue(struct inject *in, uid_t uid, pid_t pid)
{
	char id[MESSAGE_ID_MAX];
	size_t rcpts = 0;
	enum exits r;

	inject_begin(in);
	r = put_received(in, uid, pid);
	if (r == EXITS_QUEUED)
		r = read_message(in);
	if (r == EXITS_QUEUED)
		r = read_envelope(in, uid, &rcpts);
	if (r != EXITS_QUEUED || !rcpts) /* to nobody: delivered already */
		return r;
	return inject_commit(in, id) ? EXITS_QUEUED : write_trouble(in);
}
