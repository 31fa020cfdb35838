#include "overquota.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/blake2s.h>
#include <skalibs/uint64.h>

#include "address.h"
#include "config.h"

#define PATH        CONF_QUEUEDIR "/overquota"
#define BUCKETS     1024
#define SLOTS       8  /* of a bucket */
#define DIGEST_SIZE 24 /* octets: nobody finds an address that shuts out another's */
#define SLOT_SIZE   32 /* the digest, then until, big-endian seconds */
#define BUCKET_SIZE (SLOTS * SLOT_SIZE)

_Static_assert(DIGEST_SIZE + sizeof(uint64_t) == SLOT_SIZE, "a slot's fields");

struct place {
	char digest[DIGEST_SIZE];
	off_t offset; /* of the bucket */
	char slot[SLOTS][SLOT_SIZE];
};

int
overquota_open(void)
{
	return open(PATH, O_RDONLY | O_CLOEXEC);
}

int
overquota_open_write(void)
{
	return open(PATH, O_RDWR | O_CLOEXEC);
}

/* find - the address's digest and bucket; what is beyond the end of the file is zero. */
static int
find(struct place *p, int fd, char const *address, size_t len)
{
	blake2s_ctx hash = BLAKE2S_INIT(DIGEST_SIZE);
	char folded[ADDRESS_MAX];
	ssize_t r;

	if (len > sizeof folded)
		len = sizeof folded;
	for (size_t i = 0; i < len; i++)
		folded[i] = (char)(address[i] >= 'A' && address[i] <= 'Z' ? address[i] | 0x20
									  : address[i]);
	blake2s_update(&hash, folded, len);
	blake2s_final(&hash, p->digest);
	p->offset = (off_t)(((unsigned char)p->digest[0] << 8 | (unsigned char)p->digest[1]) %
			    BUCKETS) *
		    BUCKET_SIZE;
	memset(p->slot, 0, sizeof p->slot);
	r = fd == -1 ? -1 : pread(fd, p->slot, sizeof p->slot, p->offset);
	return r != -1;
}

static uint64_t
until_of(char const *slot)
{
	uint64_t until;

	uint64_unpack_big(slot + DIGEST_SIZE, &until);
	return until;
}

static int
is_same(struct place const *p, size_t i)
{
	return !memcmp(p->slot[i], p->digest, DIGEST_SIZE);
}

int
overquota_check(int fd, char const *address, size_t len, time_t now)
{
	struct place p;

	if (!find(&p, fd, address, len))
		return 0;
	for (size_t i = 0; i < SLOTS; i++) {
		uint64_t until = until_of(p.slot[i]);

		/* a note that lasts longer than any was written to is damage */
		if (is_same(&p, i) && until > (uint64_t)now &&
		    until <= (uint64_t)now + OVERQUOTA_MAX)
			return 1;
	}
	return 0;
}

static int
put(int fd, struct place const *p, size_t i)
{
	return pwrite(fd, p->slot[i], SLOT_SIZE, p->offset + (off_t)(i * SLOT_SIZE)) == SLOT_SIZE;
}

int
overquota_mark(int fd, char const *address, size_t len, time_t now, time_t until)
{
	struct place p;
	size_t best = 0;

	if (!find(&p, fd, address, len))
		return 0;
	if (until > now + OVERQUOTA_MAX)
		until = now + OVERQUOTA_MAX;
	for (size_t i = 0; i < SLOTS; i++) {
		if (is_same(&p, i)) {
			best = i;
			break;
		}
		if (until_of(p.slot[i]) < until_of(p.slot[best]))
			best = i;
	}
	memcpy(p.slot[best], p.digest, DIGEST_SIZE);
	uint64_pack_big(p.slot[best] + DIGEST_SIZE, (uint64_t)until);
	return put(fd, &p, best);
}

int
overquota_clear(int fd, char const *address, size_t len)
{
	struct place p;
	int done = 1;

	if (!find(&p, fd, address, len))
		return 0;
	for (size_t i = 0; i < SLOTS; i++) {
		if (!is_same(&p, i))
			continue;
		memset(p.slot[i], 0, SLOT_SIZE);
		done &= put(fd, &p, i);
	}
	return done;
}
