#ifndef LIB_NOTES_H
#define LIB_NOTES_H

/*
 * notes - short notes that processes share: a table of fixed size in a file (half a megabyte,
 * with holes). Does I/O on that file only.
 *
 * A key is hashed to one bucket of a few notes; when these are taken, the one that was not
 * written for the longest time is forgotten. A note is written at once and has a check sum: a
 * crash leaves the old one, the new one or none, and whatever else is in the file is none.
 * The numbers are in this machine's own order: the file does not travel.
 */

#include <stdint.h>
#include <sys/types.h>

#define NOTES_KEY    20              /* octets */
#define NOTES_VALUE  4               /* numbers */
#define NOTES_BUCKET 8               /* notes that have one hash at the most */
#define NOTES_SIZE   (1024 * 8 * 64) /* octets of the table */

/* One note as it is on disk; a new one's value is all zeros. */
struct note {
	unsigned char key[NOTES_KEY];
	uint32_t sum;
	uint64_t written; /* seconds since 1970 */
	uint64_t value[NOTES_VALUE];
};

/* A note that is being changed. */
struct notes_edit {
	off_t offset; /* of the bucket */
	struct note bucket[NOTES_BUCKET];
	struct note *note; /* the one in question */
};

/* notes_open - the file (it is made if it is not there): close-on-exec, or -1 with errno. */
int notes_open(char const *path);

/* notes_hash - of any octets; not one that an attacker could not aim at. */
uint64_t notes_hash(void const *data, size_t len);

/* notes_read - the key's note as it is: 1, or 0 there is none (or fd is -1), and zeros. */
int notes_read(int fd, unsigned char const key[NOTES_KEY], struct note *note);

/*
 * notes_begin - the key's note, or a new one, for a change of e->note->value. Others have to
 * wait until notes_end; if they keep us waiting for patience milliseconds, we go on without
 * them: a note is worth less than the mail that would wait. notes_end - write it; a note that
 * cannot be written is only a note that is missing. now is in seconds since 1970.
 */
void notes_begin(
    struct notes_edit *e, int fd, unsigned char const key[NOTES_KEY], unsigned int patience);
void notes_end(struct notes_edit *e, int fd, uint64_t now);

#endif
