#include "tally.h"

#include <string.h>

#include <skalibs/sha256.h>

#include "notes.h"

#define PATIENCE 200 /* milliseconds for another process's change */
#define MILLION  1000000

/* The numbers of a note. */
enum {
	UNTIL, /* seconds, of failures: when the last is forgotten; of a pair: known until then */
	SENT,  /* microseconds: when all that was sent is forgotten */
};

static void
key_of(unsigned char key[NOTES_KEY], enum tally_kind kind, char const *name)
{
	SHA256Schedule hash;
	char const type = (char)kind;
	char digest[32];

	sha256_init(&hash);
	sha256_update(&hash, &type, 1);
	sha256_update(&hash, name, strlen(name));
	sha256_final(&hash, digest);
	memcpy(key, digest, NOTES_KEY);
}

/* begin - the numbers of the name's note, to be changed; notes_end must follow. */
static uint64_t *
begin(struct notes_edit *e, int fd, enum tally_kind kind, char const *name)
{
	unsigned char key[NOTES_KEY];

	key_of(key, kind, name);
	notes_begin(e, fd, key, PATIENCE);
	return e->note->value;
}

int
tally_open(struct tally *t, char const *path)
{
	t->fd = notes_open(path);
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
failures_of(uint64_t until, uint64_t now)
{
	return (left(until, now, TALLY_KNOWN) + TALLY_FORGET - 1) / TALLY_FORGET;
}

/* look - until when the name's note is good; 0 it is not. */
static uint64_t
look(struct tally const *t, enum tally_kind kind, char const *name)
{
	unsigned char key[NOTES_KEY];
	struct note n;

	key_of(key, kind, name);
	notes_read(t->fd, key, &n);
	return n.value[UNTIL];
}

uint64_t
tally_failures(struct tally const *t, enum tally_kind kind, char const *name, uint64_t now)
{
	return failures_of(look(t, kind, name), now);
}

uint64_t
tally_fail(struct tally const *t, enum tally_kind kind, char const *name, uint64_t now)
{
	struct notes_edit e;
	uint64_t *value;
	uint64_t failures;

	if (t->fd == -1)
		return 1;
	value = begin(&e, t->fd, kind, name);
	value[UNTIL] = now + left(value[UNTIL], now, TALLY_KNOWN) + TALLY_FORGET;
	failures = failures_of(value[UNTIL], now);
	notes_end(&e, t->fd, now);
	return failures;
}

void
tally_forgive(struct tally const *t, enum tally_kind kind, char const *name, uint64_t now)
{
	struct notes_edit e;
	uint64_t *value;

	if (t->fd == -1)
		return;
	value = begin(&e, t->fd, kind, name);
	value[UNTIL] = value[UNTIL] > TALLY_FORGET ? value[UNTIL] - TALLY_FORGET : 0;
	notes_end(&e, t->fd, now);
}

int
tally_known(struct tally const *t, char const *name, uint64_t now)
{
	return left(look(t, TALLY_PAIR, name), now, TALLY_KNOWN) > 0;
}

void
tally_know(struct tally const *t, char const *name, uint64_t now)
{
	struct notes_edit e;
	uint64_t *value;

	if (t->fd == -1)
		return;
	value = begin(&e, t->fd, TALLY_PAIR, name);
	value[UNTIL] = now + TALLY_KNOWN;
	notes_end(&e, t->fd, now);
}

/* tally_send - a bucket that holds an hour's recipients and loses them evenly (GCRA). */
int
tally_send(struct tally const *t, char const *name, uint64_t now, uint64_t rate, uint64_t count)
{
	struct notes_edit e;
	uint64_t *value;
	uint64_t const hour = (uint64_t)TALLY_HOUR * MILLION, at = now * MILLION;
	uint64_t full;
	int fits;

	if (t->fd == -1 || !rate)
		return 1;
	if (count > rate)
		return 0;
	value = begin(&e, t->fd, TALLY_SENT, name);
	full = left(value[SENT], at, hour) + count * (hour / rate);
	fits = full <= hour;
	if (fits)
		value[SENT] = at + full;
	notes_end(&e, t->fd, now);
	return fits;
}
