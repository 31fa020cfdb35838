#include "hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "notes.h"

#define PATIENCE   20            /* milliseconds for another process's change */
#define RATE_AHEAD 120000000     /* microseconds: no ticket is given out longer ahead */
#define COUNT_BASE (1LL << 40)   /* offset of the octets that are locked for connections */
#define COUNT_MASK 0x3fffffffULL /* of the hash: which HOSTS_COUNT of them */

/* The numbers of a note. */
enum {
	DOWN,     /* seconds: until then */
	PLAIN,    /* seconds: until then */
	NEXT,     /* microseconds: when the rate lets a message go (the GCRA's TAT) */
	FAILURES, /* in a row */
};

static void
key_of(unsigned char key[NOTES_KEY], struct ip const *ip, unsigned int port)
{
	memset(key, 0, NOTES_KEY);
	memcpy(key, ip->octet, 16);
	key[16] = (unsigned char)(port >> 8 & 0xff);
	key[17] = (unsigned char)(port & 0xff);
	key[18] = ip->family == AF_INET ? 4 : 6;
}

/* begin - the numbers of the address's note, to be changed; notes_end must follow. */
static uint64_t *
begin(struct notes_edit *e, int fd, struct ip const *ip, unsigned int port)
{
	unsigned char key[NOTES_KEY];

	key_of(key, ip, port);
	notes_begin(e, fd, key, PATIENCE);
	return e->note->value;
}

int
hosts_open(struct hosts *h, char const *path)
{
	h->entered = 0;
	h->fd = notes_open(path);
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
	unsigned char key[NOTES_KEY];
	struct note n;

	key_of(key, ip, port);
	notes_read(h->fd, key, &n);
	note->down = time_left(n.value[DOWN], now, HOSTS_DOWN_MAX);
	note->plain = time_left(n.value[PLAIN], now, HOSTS_PLAIN);
	note->failures = (unsigned int)n.value[FAILURES];
}

void
hosts_bad(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now)
{
	struct notes_edit e;
	uint64_t *value;
	uint64_t wait = HOSTS_DOWN_MAX;

	if (h->fd == -1)
		return;
	value = begin(&e, h->fd, ip, port);
	if (value[FAILURES] < 4) /* then it would be more */
		wait = (uint64_t)HOSTS_DOWN << value[FAILURES];
	if (value[FAILURES] < UINT8_MAX)
		value[FAILURES]++;
	value[DOWN] = now + (wait < HOSTS_DOWN_MAX ? wait : HOSTS_DOWN_MAX);
	notes_end(&e, h->fd, now);
}

void
hosts_good(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now)
{
	struct hosts_note note;
	struct notes_edit e;
	uint64_t *value;

	hosts_look(h, ip, port, now, &note);
	if (!note.failures && !note.down)
		return;
	value = begin(&e, h->fd, ip, port);
	value[FAILURES] = 0;
	value[DOWN] = 0;
	notes_end(&e, h->fd, now);
}

void
hosts_plain(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now)
{
	struct notes_edit e;
	uint64_t *value;

	if (h->fd == -1)
		return;
	value = begin(&e, h->fd, ip, port);
	value[PLAIN] = now + HOSTS_PLAIN;
	notes_end(&e, h->fd, now);
}

void
hosts_claim(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now,
    unsigned int seconds)
{
	struct notes_edit e;
	uint64_t *value;

	if (h->fd == -1)
		return;
	value = begin(&e, h->fd, ip, port);
	value[DOWN] = now + seconds;
	notes_end(&e, h->fd, now);
}

/* ---- the rate */

uint64_t
hosts_ticket(struct hosts const *h, struct ip const *ip, unsigned int port, uint64_t now,
    uint64_t rate, uint64_t longest)
{
	struct notes_edit e;
	uint64_t *value;
	uint64_t next, wait, interval;

	if (h->fd == -1 || !rate)
		return 0;
	interval = 60000000 / rate;
	value = begin(&e, h->fd, ip, port);
	next = value[NEXT];
	/* one that is over, or that a clock which was set back made senseless, counts as now */
	if (next < now || next - now > RATE_AHEAD + 2 * interval)
		next = now;
	wait = next - now > HOSTS_BURST ? next - now - HOSTS_BURST : 0;
	if (interval > HOSTS_BURST) /* so slow that there is no burst */
		wait = next - now;
	if (wait <= longest)
		value[NEXT] = next + interval;
	notes_end(&e, h->fd, now / 1000000);
	return wait;
}

/* ---- connections */

static int
count(int fd, short type, off_t at)
{
	struct flock f = { .l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1 };

	return fcntl(fd, F_OFD_SETLK, &f) != -1;
}

int
hosts_enter(struct hosts *h, struct ip const *ip, unsigned int port, unsigned int limit)
{
	unsigned char key[NOTES_KEY];
	int64_t base;
	unsigned int first;

	hosts_leave(h);
	if (h->fd == -1)
		return 1;
	if (limit > HOSTS_COUNT)
		limit = HOSTS_COUNT;
	key_of(key, ip, port);
	base = COUNT_BASE + (int64_t)(notes_hash(key, sizeof key) & COUNT_MASK) * HOSTS_COUNT;
	/* each process begins elsewhere, so that few meet a lock that is taken */
	first = (unsigned int)getpid() % limit;
	for (unsigned int i = 0; i < limit; i++) {
		h->at = base + (first + i) % limit;
		if (count(h->fd, F_WRLCK, h->at)) {
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
		count(h->fd, F_UNLCK, h->at);
	h->entered = 0;
}
