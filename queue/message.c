#include "message.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"

#define MAGIC     "sallyport/1"
#define MAGIC_LEN (sizeof MAGIC - 1)
#define DIGITS    20   /* of a number in the header: UINT64_MAX has as many */
#define TIME_LEN  11   /* base-32 digits of an id's time: enough until the year 3111 */
#define INODE_MAX 13   /* base-32 digits of a 64-bit inode */
#define AT_ONCE   4096 /* octets read first: header and most envelopes */

_Static_assert(MAGIC_LEN + 4 * (1 + DIGITS) + 1 == MESSAGE_HEADER_SIZE, "the header's size");
_Static_assert(TIME_LEN + 1 + INODE_MAX < MESSAGE_ID_MAX, "an id's size");

/* No i, l, o and u: nobody misreads an id. In the order of ASCII: ids sort by age. */
static char const base32[] = "0123456789abcdefghjkmnpqrstvwxyz";

static void
put_number(char *to, uint64_t n)
{
	*to = ' ';
	for (size_t i = DIGITS; i; i--, n /= 10)
		to[i] = (char)('0' + n % 10);
}

void
message_header(char to[MESSAGE_HEADER_SIZE], struct message_regions const *r)
{
	uint64_t const number[] = { r->message, r->messagelen, r->envelope, r->envelopelen };

	memcpy(to, MAGIC, MAGIC_LEN);
	for (size_t i = 0; i < 4; i++)
		put_number(to + MAGIC_LEN + i * (1 + DIGITS), number[i]);
	to[MESSAGE_HEADER_SIZE - 1] = '\n';
}

static int
get_number(char const *from, uint64_t *n)
{
	*n = 0;
	if (*from != ' ')
		return 0;
	for (size_t i = 1; i <= DIGITS; i++) {
		unsigned int digit = (unsigned int)from[i] - '0';

		if (digit > 9 || *n > (UINT64_MAX - digit) / 10)
			return 0;
		*n = *n * 10 + digit;
	}
	return 1;
}

/* fills - whether two regions, first before second, are all of the file but the header. */
static int
fills(uint64_t first, uint64_t firstlen, uint64_t second, uint64_t secondlen, uint64_t filesize)
{
	return first == MESSAGE_HEADER_SIZE && second >= first && second - first == firstlen &&
	       second <= filesize && filesize - second == secondlen;
}

int
message_header_parse(
    struct message_regions *r, char const from[MESSAGE_HEADER_SIZE], uint64_t filesize)
{
	uint64_t *const number[] = { &r->message, &r->messagelen, &r->envelope, &r->envelopelen };

	if (memcmp(from, MAGIC, MAGIC_LEN) != 0 || from[MESSAGE_HEADER_SIZE - 1] != '\n')
		return 0;
	for (size_t i = 0; i < 4; i++)
		if (!get_number(from + MAGIC_LEN + i * (1 + DIGITS), number[i]))
			return 0;
	return r->envelopelen <= MESSAGE_ENVELOPE_MAX &&
	       (fills(r->envelope, r->envelopelen, r->message, r->messagelen, filesize) ||
		   fills(r->message, r->messagelen, r->envelope, r->envelopelen, filesize));
}

uint64_t
message_time(unsigned int split)
{
	static uint64_t last;
	struct timespec clock;
	uint64_t now;

	clock_gettime(CLOCK_REALTIME, &clock);
	now = (uint64_t)clock.tv_sec * 1000000 + (uint64_t)clock.tv_nsec / 1000;
	if (now <= last)
		now = last + 1;
	now += (split + CONF_SPLIT - message_split(now)) % CONF_SPLIT;
	last = now;
	return now;
}

unsigned int
message_split(uint64_t time)
{
	return (unsigned int)(time % CONF_SPLIT);
}

time_t
message_birth(uint64_t time)
{
	return (time_t)(time / 1000000);
}

void
message_id(char to[MESSAGE_ID_MAX], uint64_t time, uint64_t inode)
{
	size_t digits = 1;

	for (size_t i = TIME_LEN; i; i--, time >>= 5)
		to[i - 1] = base32[time & 31];
	to[TIME_LEN] = '-';
	to += TIME_LEN + 1;
	for (uint64_t rest = inode >> 5; rest; rest >>= 5)
		digits++;
	to[digits] = 0;
	for (; digits; digits--, inode >>= 5)
		to[digits - 1] = base32[inode & 31];
}

/* get_base32 - all of text as a number: 1, or 0. */
static int
get_base32(char const *text, size_t len, uint64_t *n)
{
	*n = 0;
	for (size_t i = 0; i < len; i++) {
		char const *digit = text[i] ? strchr(base32, text[i]) : 0;

		if (!digit || *n >> 59)
			return 0;
		*n = *n << 5 | (uint64_t)(digit - base32);
	}
	return len > 0;
}

int
message_id_parse(char const *text, size_t len, uint64_t *time, uint64_t *inode)
{
	char const *rest = text + TIME_LEN + 1;

	return len > TIME_LEN + 1 && text[TIME_LEN] == '-' && *rest != '0' &&
	       get_base32(text, TIME_LEN, time) && get_base32(rest, len - TIME_LEN - 1, inode);
}

/* damaged - the result 0, with its errno. */
static int
damaged(void)
{
	errno = EPROTO;
	return 0;
}

/* next_frame - the frame at *pos, which is moved behind it: 1, or 0 if there is no whole one. */
static int
next_frame(stralloc const *frames, size_t *pos, struct frame *f)
{
	char const *p = frames->s + *pos;
	size_t left = frames->len - *pos;
	size_t len = 0, i = 0;

	for (; i < left && p[i] >= '0' && p[i] <= '9' && len <= STREAM_FRAME_MAX; i++)
		len = len * 10 + (size_t)(p[i] - '0');
	if (i == left || p[i] != ':' || *p == '0' || !len || len > STREAM_FRAME_MAX)
		return 0;
	i++;
	if (left - i <= len || p[i + len] != ',')
		return 0;
	*f = (struct frame){ (enum stream_type)p[i], p + i + 1, len - 1, -1 };
	*pos += i + len + 1;
	return 1;
}

/* is_fields - whether the frame is of that type, and fields each ended by NUL. */
static int
is_fields(struct frame const *f, enum stream_type type)
{
	return f->type == type && f->len && !f->data[f->len - 1];
}

int
envelope_parse(struct envelope *e)
{
	size_t pos = 0;
	struct frame rcpt;

	e->client = (struct frame){ STREAM_CLIENT, e->frames.s, 0, -1 };
	e->rcpts = 0;
	if (!next_frame(&e->frames, &pos, &e->mail))
		return damaged();
	if (e->mail.type == STREAM_CLIENT) {
		e->client = e->mail;
		if (e->client.len && !is_fields(&e->client, STREAM_CLIENT))
			return damaged();
		if (!next_frame(&e->frames, &pos, &e->mail))
			return damaged();
	}
	if (!is_fields(&e->mail, STREAM_MAIL))
		return damaged();
	e->sender = e->mail.data;
	e->senderlen = strlen(e->sender);
	for (e->first = pos; pos < e->frames.len; e->rcpts++)
		if (!next_frame(&e->frames, &pos, &rcpt) || !is_fields(&rcpt, STREAM_RCPT) ||
		    !*rcpt.data)
			return damaged();
	return e->rcpts && e->rcpts <= MESSAGE_RCPTS_MAX ? 1 : damaged();
}

int
envelope_next(struct envelope const *e, size_t *pos, struct frame *rcpt)
{
	return *pos < e->frames.len && next_frame(&e->frames, pos, rcpt);
}

/* read_at - len octets at offset: 1, 0 the file ends before, -1 errno. */
static int
read_at(int fd, char *to, size_t len, uint64_t offset)
{
	while (len) {
		ssize_t r = pread(fd, to, len, (off_t)offset);

		if (r == -1 && errno == EINTR)
			continue;
		if (r <= 0)
			return (int)r;
		to += r;
		len -= (size_t)r;
		offset += (uint64_t)r;
	}
	return 1;
}

/*
 * read_envelope - the region into frames, whose first have octets of the file are
 * there already.
 */
static int
read_envelope(int fd, struct message_regions const *r, stralloc *frames, size_t have)
{
	size_t const len = (size_t)r->envelopelen;
	size_t got = 0;

	if (r->envelope < have) {
		got = have - (size_t)r->envelope;
		if (got > len)
			got = len;
		memmove(frames->s, frames->s + r->envelope, got);
	}
	if (!stralloc_ready(frames, len))
		return -1;
	frames->len = len;
	return read_at(fd, frames->s + got, len - got, r->envelope + got);
}

int
message_read(int fd, struct message_regions *r, struct envelope *e)
{
	struct stat st;
	size_t have;
	int got;

	e->frames.len = 0;
	if (fstat(fd, &st) == -1 || !stralloc_ready(&e->frames, AT_ONCE))
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_size < MESSAGE_HEADER_SIZE)
		return damaged();
	have = st.st_size < AT_ONCE ? (size_t)st.st_size : AT_ONCE;
	got = read_at(fd, e->frames.s, have, 0);
	if (got == 1 && !message_header_parse(r, e->frames.s, (uint64_t)st.st_size))
		return damaged();
	if (got == 1)
		got = read_envelope(fd, r, &e->frames, have);
	if (got == 1)
		return envelope_parse(e);
	return got ? -1 : damaged();
}
