#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "verp.h"

#define FRAME_OVERHEAD 16 /* octets of a netstring's length, colon, type and comma, at most */
#define FLIGHT_MAX     (STREAM_BUFFER - 2 * STREAM_FRAME_MAX) /* octets; F and E come after */

/* index_rcpts - where each R frame is, in a state where nobody has been tried. 1, or 0. */
static int
index_rcpts(struct job *job)
{
	struct envelope const *e = &job->envelope;
	size_t pos = e->first;
	struct frame f;

	if (!(job->state.rcpt = calloc(e->rcpts, sizeof *job->state.rcpt)))
		return 0;
	job->state.rcpts = (uint32_t)e->rcpts;
	for (uint32_t i = 0; i < job->state.rcpts; i++) {
		job->state.rcpt[i].frame = (uint32_t)pos;
		if (!envelope_next(e, &pos, &f))
			return 0;
	}
	return 1;
}

static enum job_result
read_files(struct job *job, int mess, int state, int state_too)
{
	int r;

	job->fd = openat(mess, job->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (job->fd == -1)
		return errno == ENOENT ? JOB_GONE : JOB_TROUBLE;
	r = message_read(job->fd, &job->where, &job->envelope);
	if (r != 1)
		return r ? JOB_TROUBLE : JOB_DAMAGED;
	errno = ENOMEM;
	if (!index_rcpts(job))
		return JOB_TROUBLE;
	job->lane = job_lane(job->envelope.sender, job->envelope.senderlen);
	job->memory = sizeof *job + job->envelope.frames.a + job->state.rcpts * sizeof(struct rcpt);
	if (!state_too)
		return JOB_OK;
	r = state_load(state, job->path, &job->state);
	job->has_state = r != 0;
	return r != -1 ? JOB_OK : errno == EPROTO ? JOB_DAMAGED : JOB_TROUBLE;
}

static void
count_unfinished(struct job *job)
{
	for (uint32_t i = 0; i < job->state.rcpts; i++)
		job->unfinished += job->state.rcpt[i].fate != FATE_DONE;
}

enum job_result
job_load(struct job **job, int mess, int state, uint64_t time, uint64_t inode, int state_too)
{
	enum job_result r;
	int e;

	errno = ENOMEM;
	if (!(*job = calloc(1, sizeof **job)))
		return JOB_TROUBLE;
	(*job)->fd = (*job)->statefd = -1;
	(*job)->time = time;
	(*job)->inode = inode;
	message_id((*job)->id, time, inode);
	state_path((*job)->path, time, inode);
	if ((r = read_files(*job, mess, state, state_too)) == JOB_OK) {
		count_unfinished(*job);
		return r;
	}
	e = errno;
	job_free(*job);
	*job = 0;
	errno = e;
	return r;
}

void
job_free(struct job *job)
{
	if (job->fd != -1)
		close(job->fd);
	if (job->statefd != -1)
		close(job->statefd);
	stralloc_free(&job->envelope.frames);
	state_free(&job->state);
	free(job);
}

unsigned int
job_lane(char const *sender, size_t len)
{
	uint32_t h = 2166136261;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)sender[i]) * 16777619;
	return (h ^ h >> 16) % FAIR_LANES;
}

void
job_rcpt(struct job const *job, uint32_t n, struct frame *f)
{
	size_t pos = job->state.rcpt[n].frame;

	envelope_next(&job->envelope, &pos, f);
}

int
job_is_sender(struct job const *job, char const *sender)
{
	size_t const len = strlen(sender);

	return job->envelope.senderlen == len && !memcmp(job->envelope.sender, sender, len);
}

/* field - the text behind the field that begins with name=, or null. */
static char const *
field(struct frame const *f, size_t pos, char const *name)
{
	size_t const n = strlen(name);
	char const *p;
	size_t len;

	while ((p = stream_field(f, &pos, &len)))
		if (len > n && !memcmp(p, name, n) && p[n] == '=')
			return p + n + 1;
	return 0;
}

char const *
frame_param(struct frame const *f, char const *name)
{
	return field(f, strlen(f->data) + 1, name);
}

char const *
frame_fact(struct frame const *f, char const *key)
{
	return field(f, 0, key);
}

unsigned int
job_notify(struct job const *job, uint32_t n)
{
	static struct {
		char const *word;
		unsigned int bit;
	} const known[] = { { "SUCCESS", JOB_SUCCESS }, { "FAILURE", JOB_FAILURE },
		{ "DELAY", JOB_DELAY } };
	struct frame f;
	char const *p;
	unsigned int bits = 0;

	job_rcpt(job, n, &f);
	if (!(p = frame_param(&f, "NOTIFY")))
		return JOB_FAILURE | JOB_DELAY;
	while (*p) {
		size_t const len = strcspn(p, ",");

		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			if (len == strlen(known[i].word) && !strncasecmp(p, known[i].word, len))
				bits |= known[i].bit;
		p += len + (p[len] == ',');
	}
	return bits;
}

/* put_client - C: what the message came with, and its id here. */
static int
put_client(struct job const *job, struct stream *s)
{
	struct frame const *client = &job->envelope.client;
	char facts[STREAM_FRAME_MAX];
	size_t const idlen = strlen(job->id) + 1;
	size_t len = client->len;

	if (len + 3 + idlen >= sizeof facts)
		len = 0;
	memcpy(facts, client->data, len);
	memcpy(facts + len, "id=", 3);
	memcpy(facts + len + 3, job->id, idlen);
	return stream_put(s, STREAM_CLIENT, facts, len + 3 + idlen);
}

/* put_mail - M, with the sender that this recipient gets. */
static int
put_mail(struct job const *job, struct stream *s, char const *rcpt)
{
	struct frame const *mail = &job->envelope.mail;
	size_t const old = job->envelope.senderlen + 1;
	char text[STREAM_FRAME_MAX];
	size_t const n = verp_sender(text, job->envelope.sender, job->envelope.senderlen, rcpt);

	if (!n || n + 1 + mail->len - old >= sizeof text)
		return stream_put(s, STREAM_MAIL, mail->data, mail->len);
	text[n] = 0;
	memcpy(text + n + 1, mail->data + old, mail->len - old);
	return stream_put(s, STREAM_MAIL, text, n + 1 + mail->len - old);
}

int
job_put(struct job const *job, struct stream *s, struct batch const *b, uint32_t *count)
{
	struct frame f;
	uint32_t n = b->first;

	job_rcpt(job, n, &f);
	if (!put_client(job, s) || !put_mail(job, s, f.data))
		return 0;
	for (*count = 0; n != FAIR_LAST; n = b->rcpt[n].link) {
		job_rcpt(job, n, &f);
		if (*count && s->used + f.len + FRAME_OVERHEAD > FLIGHT_MAX)
			break;
		if (!stream_put(s, STREAM_RCPT, f.data, f.len))
			return 0;
		++*count;
	}
	return 1;
}
