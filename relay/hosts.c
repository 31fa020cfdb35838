#include "hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define BUCKETS     1024
#define SLOTS       8  /* of a bucket */
#define SLOT_SIZE   64 /* octets */
#define BUCKET_SIZE (SLOTS * SLOT_SIZE)
#define KEY_SIZE    19
#define LOCK_TRIES  20            /* of a bucket, a millisecond each: then it is taken anyway */
#define RATE_AHEAD  120000000     /* microseconds: no ticket is given out longer ahead */
#define COUNT_BASE  (1LL << 40)   /* offset of the octets that are locked for connections */
#define COUNT_MASK  0x3fffffffULL /* of the hash: which HOSTS_COUNT of them */

_Static_assert(BUCKETS *BUCKET_SIZE == HOSTS_SIZE, "the table's size");

/* A slot as it is on disk, in this machine's own order: the file does not travel. */
struct slot {
	unsigned char key[KEY_SIZE];
	uint8_t failures;
	uint32_t sum;
	uint64_t down;
	uint64_t plain;
	uint64_t next;    /* microseconds: when the rate lets a message go (the GCRA's TAT) */
	uint64_t written; /* seconds */
	uint64_t zero;
};

_Static_assert(sizeof(struct slot) == SLOT_SIZE, "a slot's fields");

/* Where an address is, or would be. */
struct place {
	unsigned char key[KEY_SIZE];
	uint64_t hash;
	off_t offset; /* of the bucket */
	struct slot slot[SLOTS];
};

static uint64_t
hash_of(void const *data, size_t len)
{
	unsigned char const *p = data;
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a */

	while (len--)
		h = (h ^ *p++) * 0x100000001b3;
	return h ^ h >> 32;
}

static uint32_t
sum_of(struct slot const *s)
{
	struct slot copy = *s;

	copy.sum = 0;
	return (uint32_t)hash_of(&copy, sizeof copy) | 1;
}

static void
find(struct place *p, struct ip const *ip, unsigned int port)
{
	memset(p->key, 0, sizeof p->key);
	memcpy(p->key, ip->octet, 16);
	p->key[16] = (unsigned char)(port >> 8 & 0xff);
	p->key[17] = (unsigned char)(port & 0xff);
	p->key[18] = ip->family == AF_INET ? 4 : 6;
	p->hash = hash_of(p->key, sizeof p->key);
	p->offset = (off_t)(p->hash % BUCKETS) * BUCKET_SIZE;
}

/* load - the bucket; what is beyond the end of the file is zero. */
static void
load(struct place *p, int fd)
{
	memset(p->slot, 0, sizeof p->slot);
	if (fd == -1 || pread(fd, p->slot, sizeof p->slot, p->offset) == -1)
		memset(p->slot, 0, sizeof p->slot);
}

static int
lock(int fd, short type, off_t at, off_t len)
{
	struct flock f = { .l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = len };

	return fcntl(fd, F_OFD_SETLK, &f) != -1;
}

/* lock_bucket - but never for long: the notes are worth less than the mail that would wait. */
static void
lock_bucket(struct place const *p, int fd)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (lock(fd, F_WRLCK, p->offset, BUCKET_SIZE) ||
		    (errno != EAGAIN && errno != EACCES))
			return;
		poll(0, 0, 1);
	}
}

static void
unlock_bucket(struct place const *p, int fd)
{
	lock(fd, F_UNLCK, p->offset, BUCKET_SIZE);
}

/* slot_of - the address's slot, or null. */
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

/* new_slot - for an address that has none: the one that was not written for the longest time. */
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

/* begin - the address's slot, to be changed; finish must follow. */
static struct slot *
begin(struct place *p, int fd, struct ip const *ip, unsigned int port)
{
	struct slot *s;

	find(p, ip, port);
	lock_bucket(p, fd);
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
	unlock_bucket(p, fd);
}

int
hosts_open(struct hosts *h, char const *path)
{
	h->entered = 0;
	h->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
	return h->fd != -1;
}

void
hosts_close(struct hosts *h)
{
	if (h->fd != -1)
		close(h->fd);
	h->fd = -1;
	h->entered = 0;
}

/* time_left - a time that is not over, and not further off than any is written. */
static uint64_t
time_left(uint64_t until, uint64_t now, uint64_t longest)
{
	return until > now && until - now <= longest ? until : 0;
}

void
hosts_look(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now,
    struct hosts_note *note)
{
	struct place p;
	struct slot const *s;

	*note = (struct hosts_note){ 0 };
	if (h->fd == -1)
		return;
	find(&p, ip, port);
	load(&p, h->fd);
	s = slot_of(&p);
	if (!s)
		return;
	note->down = time_left(s->down, now, HOSTS_DOWN_MAX);
	note->plain = time_left(s->plain, now, HOSTS_PLAIN);
	note->failures = s->failures;
}

void
hosts_bad(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now)
{
	struct place p;
	struct slot *s;
	uint64_t wait = HOSTS_DOWN_MAX;

	if (h->fd == -1)
		return;
	s = begin(&p, h->fd, ip, port);
	if (s->failures < 4) /* then it would be more */
		wait = (uint64_t)HOSTS_DOWN << s->failures;
	s->failures = (uint8_t)(s->failures < UINT8_MAX ? s->failures + 1 : UINT8_MAX);
	s->down = now + (wait < HOSTS_DOWN_MAX ? wait : HOSTS_DOWN_MAX);
	finish(&p, h->fd, s, now);
}

void
hosts_good(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now)
{
	struct hosts_note note;
	struct place p;
	struct slot *s;

	hosts_look(h, ip, port, now, &note);
	if (!note.failures && !note.down)
		return;
	s = begin(&p, h->fd, ip, port);
	s->failures = 0;
	s->down = 0;
	finish(&p, h->fd, s, now);
}

void
hosts_plain(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now)
{
	struct place p;
	struct slot *s;

	if (h->fd == -1)
		return;
	s = begin(&p, h->fd, ip, port);
	s->plain = now + HOSTS_PLAIN;
	finish(&p, h->fd, s, now);
}

void
hosts_claim(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now,
    unsigned int seconds)
{
	struct place p;
	struct slot *s;

	if (h->fd == -1)
		return;
	s = begin(&p, h->fd, ip, port);
	s->down = now + seconds;
	finish(&p, h->fd, s, now);
}

/* ---- the rate */

uint64_t
hosts_ticket(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now,
    uint64_t rate, uint64_t longest)
{
	struct place p;
	struct slot *s;
	uint64_t next, wait, interval;

	if (h->fd == -1 || !rate)
		return 0;
	interval = 60000000 / rate;
	s = begin(&p, h->fd, ip, port);
	next = s->next;
	/* one that is over, or that a clock which was set back made senseless, counts as now */
	if (next < now || next - now > RATE_AHEAD + 2 * interval)
		next = now;
	wait = next - now > HOSTS_BURST ? next - now - HOSTS_BURST : 0;
	if (interval > HOSTS_BURST) /* so slow that there is no burst */
		wait = next - now;
	if (wait <= longest)
		s->next = next + interval;
	finish(&p, h->fd, s, now / 1000000);
	return wait;
}

/* ---- connections */

int
hosts_enter(struct hosts *h, struct ip const *ip, unsigned int port, unsigned int limit)
{
	struct place p;
	int64_t base;
	unsigned int first;

	hosts_leave(h);
	if (h->fd == -1)
		return 1;
	if (limit > HOSTS_COUNT)
		limit = HOSTS_COUNT;
	find(&p, ip, port);
	base = COUNT_BASE + (int64_t)(p.hash & COUNT_MASK) * HOSTS_COUNT;
	/* each process begins elsewhere, so that few meet a lock that is taken */
	first = (unsigned int)getpid() % limit;
	for (unsigned int i = 0; i < limit; i++) {
		h->at = base + (first + i) % limit;
		if (lock(h->fd, F_WRLCK, h->at, 1)) {
			h->entered = 1;
			return 1;
		}
		if (errno != EAGAIN && errno != EACCES)
			return 1; /* no locks here (ENOLCK): then nothing is counted */
	}
	return 0;
}

void
hosts_leave(struct hosts *h)
{
	if (h->entered)
		lock(h->fd, F_UNLCK, h->at, 1);
	h->entered = 0;
}
