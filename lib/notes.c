#include "notes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define BUCKET_SIZE ((off_t)(NOTES_BUCKET * sizeof(struct note)))
#define BUCKETS     (NOTES_SIZE / (NOTES_BUCKET * sizeof(struct note)))

_Static_assert(sizeof(struct note) == 64, "a note has no padding, and fits the table");

int
notes_open(char const *path)
{
	return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
}

uint64_t
notes_hash(void const *data, size_t len)
{
	unsigned char const *p = data;
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a */

	while (len--)
		h = (h ^ *p++) * 0x100000001b3;
	return h ^ h >> 32;
}

static uint32_t
sum_of(struct note const *n)
{
	struct note copy = *n;

	copy.sum = 0;
	return (uint32_t)notes_hash(&copy, sizeof copy) | 1; /* so a hole is no note */
}

static off_t
offset_of(unsigned char const key[NOTES_KEY])
{
	return (off_t)(notes_hash(key, NOTES_KEY) % BUCKETS) * BUCKET_SIZE;
}

/* load - the bucket; what is beyond the end of the file is zero. */
static void
load(struct note bucket[NOTES_BUCKET], int fd, off_t offset)
{
	memset(bucket, 0, (size_t)BUCKET_SIZE);
	if (pread(fd, bucket, (size_t)BUCKET_SIZE, offset) == -1)
		memset(bucket, 0, (size_t)BUCKET_SIZE);
}

static struct note *
find(struct note bucket[NOTES_BUCKET], unsigned char const key[NOTES_KEY])
{
	for (struct note *n = bucket; n < bucket + NOTES_BUCKET; n++)
		if (!memcmp(n->key, key, NOTES_KEY) && n->sum == sum_of(n))
			return n;
	return 0;
}

/* replace - a damaged or unused note, or the one that was not written for the longest time. */
static struct note *
replace(struct note bucket[NOTES_BUCKET], unsigned char const key[NOTES_KEY])
{
	struct note *oldest = bucket;

	for (struct note *n = bucket; n < bucket + NOTES_BUCKET; n++) {
		if (n->sum != sum_of(n)) {
			oldest = n;
			break;
		}
		if (n->written < oldest->written)
			oldest = n;
	}
	memset(oldest, 0, sizeof *oldest);
	memcpy(oldest->key, key, NOTES_KEY);
	return oldest;
}

int
notes_read(int fd, unsigned char const key[NOTES_KEY], struct note *note)
{
	struct note bucket[NOTES_BUCKET], *found = 0;

	if (fd != -1) {
		load(bucket, fd, offset_of(key));
		found = find(bucket, key);
	}
	*note = found ? *found : (struct note){ 0 };
	return found != 0;
}

static int
lock(int fd, short type, off_t offset)
{
	struct flock f = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = offset, .l_len = BUCKET_SIZE
	};

	return fcntl(fd, F_OFD_SETLK, &f) != -1;
}

void
notes_begin(struct notes_edit *e, int fd, unsigned char const key[NOTES_KEY], unsigned int patience)
{
	e->offset = offset_of(key);
	while (!lock(fd, F_WRLCK, e->offset) && (errno == EAGAIN || errno == EACCES) && patience--)
		poll(0, 0, 1);
	load(e->bucket, fd, e->offset);
	e->note = find(e->bucket, key);
	if (!e->note)
		e->note = replace(e->bucket, key);
}

void
notes_end(struct notes_edit *e, int fd, uint64_t now)
{
	off_t const at = e->offset + (e->note - e->bucket) * (off_t)sizeof *e->note;

	e->note->written = now;
	e->note->sum = sum_of(e->note);
	(void)!pwrite(fd, e->note, sizeof *e->note, at);
	lock(fd, F_UNLCK, e->offset);
}
