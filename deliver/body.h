#ifndef DELIVER_BODY_H
#define DELIVER_BODY_H

/*
 * body - the message of one transaction, wherever it is: as part of an open file (F
 * frame), in memory (D frames of a small message), or spilled to a file when it
 * outgrew memory. Read any number of times, always with pread: the descriptor's
 * offset may be shared with others. Memory is the struct. Does I/O.
 */

#include <stddef.h>
#include <stdint.h>

#include "stream.h"

#define BODY_BUFFER     65536      /* octets in memory; a message that fits is read once */
#define BODY_MEMORY_MAX (1U << 28) /* octets of a file in memory: else errno is EFBIG */

struct body {
	int fd;          /* what holds it, or -1: all of it is in buf */
	int is_ours;     /* to close */
	int sealed;      /* a sealed copy, or -1 */
	uint64_t offset; /* where it begins in fd */
	uint64_t len;
	uint64_t at; /* buf holds the message from here on … */
	size_t have; /* … this many octets */
	char buf[BODY_BUFFER];
};

/* body_init - before the first use; body_clear - forget the message, close what is open. */
void body_init(struct body *b);
void body_clear(struct body *b);

/* body_file - take an F frame and its descriptor: 1, or 0 if it is malformed. */
int body_file(struct body *b, struct frame const *f);

/*
 * body_add - append octets. Returns 1; 0 when memory is full (spill it, call
 * again); -1 with errno when the file cannot be written.
 */
int body_add(struct body *b, char const *data, size_t len);

/*
 * body_spill - go on in the open file fd, whose end is at offset now; the caller closes
 * it. body_spill_memory makes a file in memory for it. Both return 1, or -1 with errno.
 */
int body_spill(struct body *b, int fd, uint64_t offset);
int body_spill_memory(struct body *b);

/*
 * body_piece - the octets from position at (< b->len) on: a pointer and *len; null with
 * errno (ENODATA: the file is shorter than it should be).
 */
char const *body_piece(struct body *b, uint64_t at, size_t *len);

/*
 * body_sealed - a file in memory that holds the message and nothing else, and that nobody
 * can change: for programs, which must not see what else the queue's file holds.
 * It stays the body's. Returns its descriptor, or -1 with errno.
 */
int body_sealed(struct body *b);

#endif
