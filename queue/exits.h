#ifndef QUEUE_EXITS_H
#define QUEUE_EXITS_H

/*
 * exits - qmail-queue's exit codes: what queue-inject -1 ends with, and what each-message
 * makes of the end of the program that it ran. No I/O, no memory of its own.
 */

#include <stddef.h>

#include "stream.h"

enum exits {
	EXITS_QUEUED = 0,
	EXITS_ADDRESS = 11, /* an address is too long or not valid */
	EXITS_REFUSED = 31, /* for good */
	EXITS_NO_MEMORY = 51,
	EXITS_TIMEOUT = 52,
	EXITS_WRITE = 53, /* or no room on the disk */
	EXITS_READ = 54,  /* or the caller gave up */
	EXITS_CONFIG = 55,
	EXITS_NO_NETWORK = 56,
	EXITS_HOME = 61,
	EXITS_QUEUE = 62, /* 63 to 66: other directories of qmail's queue */
	EXITS_MESS = 64,
	EXITS_REFUSED_NOW = 71,
	EXITS_CONNECT_TIMEOUT = 72,
	EXITS_CONNECT_REFUSED = 73,
	EXITS_TALK = 74,
	EXITS_BUG = 81,
	EXITS_CUSTOM = 82,   /* the program says why on descriptor 6 or 4 */
	EXITS_CUSTOM_4 = 88, /* the same, of the descriptor 4 family */
	EXITS_SYNTAX = 91,   /* of the envelope */
	EXITS_ADDRESS_OLD = 115,
	EXITS_EXEC = 120, /* the program could not be run */
};

#define EXITS_TEXT_MAX 255 /* octets that a program may say on descriptor 4 or 6 */

/*
 * exits_answer - the answer for a program that ended with status (as waitpid gives it).
 * said is what it wrote on descriptors 4 and 6; only codes 82 and 88 give it a meaning:
 * 'D' or 'Z', then text for the client. 11 to 40 is for good, all else for now.
 */
void exits_answer(struct answer *answer, int status, char const *said, size_t len);

#endif
