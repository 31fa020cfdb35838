#include "tally.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/sha256.h>

#define BUCKETS     1024
#define SLOTS       8 /* of a bucket */
#define SLOT_SIZE   64
#define BUCKET_SIZE (SLOTS * SLOT_SIZE)
#define KEY_SIZE    20
#define LOCK_TRIES  200 /* of a bucket, a millisecond each: then it is taken anyway */
#define MILLION     1000000

_Static_assert(BUCKETS *BUCKET_SIZE == TALLY_SIZE, "the table's size");

/* A slot as it is on disk, in this machine's own order: the file does not travel. */
struct slot {
	char key[KEY_SIZE];
	uint32_t sum;
	uint64_t written; /* seconds */
	uint64_t until;   /* seconds, of failures: when the last is forgotten; of a pair: known */
	uint64_t sent;    /* microseconds: when all that was sent is forgotten */
	uint64_t zero[2];
};

_Static_assert(sizeof(struct slot) == SLOT_SIZE, "a slot's fields");

/* Where a name is, or would be. */
struct place {
	char key[KEY_SIZE];
	off_t offset; /* of the bucket */
	struct slot slot[SLOTS];
};

static uint32_t
sum_of(struct slot const *s)
{
	struct slot copy = *s;
	unsigned char const *p = (unsigned char const *)&copy;
	uint32_t h = 0x811c9dc5; /* FNV-1a */

	copy.sum = 0;
	for (size_t i = 0; i < sizeof copy; i++)
		h = (h ^ p[i]) * 0x01000193;
	return h | 1;
}

static void
find(struct place *p, enum tally_kind kind, char const *name)
{
	SHA256Schedule hash;
	char const type = (char)kind;
	char digest[32];

	sha256_init(&hash);
	sha256_update(&hash, &type, 1);
	sha256_update(&hash, name, strlen(name));
	sha256_final(&hash, digest);
	memcpy(p->key, digest, KEY_SIZE);
	p->offset = ((unsigned char)digest[30] << 8 | (unsigned char)digest[31]) % BUCKETS *
		    BUCKET_SIZE;
}

/* load - the bucket; what is beyond the end of the file is zero. */
static void
load(struct place *p, int fd)
{
	memset(p->slot, 0, sizeof p->slot);
	if (pread(fd, p->slot, sizeof p->slot, p->offset) == -1)
		memset(p->slot, 0, sizeof p->slot);
}

static int
lock(int fd, short type, off_t at)
{
	struct flock f = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = BUCKET_SIZE
	};

	return fcntl(fd, F_OFD_SETLK, &f) != -1;
}

static struct slot *
slot_of(struct place *p)
{
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *s = p->slot + i;

		if (!memcmp(s->key, p->key, KEY_SIZE) && s->sum == sum_of(s))
			return s;
	}
	return 0;
}

/* new_slot - a damaged or unused one, or the one that was not written for the longest time. */
static struct slot *
new_slot(struct place *p)
{
	struct slot *oldest = p->slot;

	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *s = p->slot + i;

		if (s->sum != sum_of(s)) {
			oldest = s;
			break;
		}
		if (s->written < oldest->written)
			oldest = s;
	}
	memset(oldest, 0, sizeof *oldest);
	memcpy(oldest->key, p->key, KEY_SIZE);
	return oldest;
}

/* begin - the name's slot, to be changed; finish must follow. */
static struct slot *
begin(struct place *p, int fd, enum tally_kind kind, char const *name)
{
	struct slot *s;

	find(p, kind, name);
	for (int i = 0; i < LOCK_TRIES && !lock(fd, F_WRLCK, p->offset); i++) {
		if (errno != EAGAIN && errno != EACCES)
			break;
		poll(0, 0, 1);
	}
	load(p, fd);
	s = slot_of(p);
	return s ? s : new_slot(p);
}

static void
finish(struct place *p, int fd, struct slot *s, uint64_t now)
{
	s->written = now;
	s->sum = sum_of(s);
	/* a note that cannot be written is only a note that is missing */
	(void)!pwrite(fd, s, sizeof *s, p->offset + (off_t)(s - p->slot) * SLOT_SIZE);
	lock(fd, F_UNLCK, p->offset);
}

int
tally_open(struct tally *t, char const *path)
{
	t->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
	return t->fd != -1;
}

/* left - seconds until then; a clock that was set back must not make them endless. */
static uint64_t
left(uint64_t until, uint64_t now, uint64_t longest)
{
	if (until <= now)
		return 0;
	return until - now < longest ? until - now : longest;
}

static uint64_t
failures_of(struct slot const *s, uint64_t now)
{
	return (left(s->until, now, TALLY_KNOWN) + TALLY_FORGET - 1) / TALLY_FORGET;
}

/* look - the name's slot as it is; or zeros. */
static struct slot
look(struct tally const *t, enum tally_kind kind, char const *name)
{
	struct place p;
	struct slot const *s;

	if (t->fd == -1)
		return (struct slot){ 0 };
	find(&p, kind, name);
	load(&p, t->fd);
	s = slot_of(&p);
	return s ? *s : (struct slot){ 0 };
}

uint64_t
tally_failures(struct tally const *t, enum tally_kind kind, char const *name, uint64_t now)
{
	struct slot const s = look(t, kind, name);

	return failures_of(&s, now);
}

uint64_t
tally_fail(struct tally const *t, enum tally_kind kind, char const *name, uint64_t now)
{
	struct place p;
	struct slot *s;
	uint64_t failures;

	if (t->fd == -1)
		return 1;
	s = begin(&p, t->fd, kind, name);
	s->until = now + left(s->until, now, TALLY_KNOWN) + TALLY_FORGET;
	failures = failures_of(s, now);
	finish(&p, t->fd, s, now);
	return failures;
}

void
tally_forgive(struct tally const *t, enum tally_kind kind, char const *name, uint64_t now)
{
	struct place p;
	struct slot *s;

	if (t->fd == -1)
		return;
	s = begin(&p, t->fd, kind, name);
	s->until = s->until > TALLY_FORGET ? s->until - TALLY_FORGET : 0;
	finish(&p, t->fd, s, now);
}

int
tally_known(struct tally const *t, char const *name, uint64_t now)
{
	struct slot const s = look(t, TALLY_PAIR, name);

	return left(s.until, now, TALLY_KNOWN) > 0;
}

void
tally_know(struct tally const *t, char const *name, uint64_t now)
{
	struct place p;
	struct slot *s;

	if (t->fd == -1)
		return;
	s = begin(&p, t->fd, TALLY_PAIR, name);
	s->until = now + TALLY_KNOWN;
	finish(&p, t->fd, s, now);
}

/* tally_send - a bucket that holds an hour's recipients and loses them evenly (GCRA). */
int
tally_send(struct tally const *t, char const *name, uint64_t now, uint64_t rate, uint64_t count)
{
	struct place p;
	struct slot *s;
	uint64_t const hour = (uint64_t)TALLY_HOUR * MILLION, at = now * MILLION;
	uint64_t full;
	int fits;

	if (t->fd == -1 || !rate)
		return 1;
	if (count > rate)
		return 0;
	s = begin(&p, t->fd, TALLY_SENT, name);
	full = left(s->sent, at, hour) + count * (hour / rate);
	fits = full <= hour;
	if (fits)
		s->sent = at + full;
	finish(&p, t->fd, s, now);
	return fits;
}
