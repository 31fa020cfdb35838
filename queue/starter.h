#ifndef QUEUE_STARTER_H
#define QUEUE_STARTER_H

/*
 * starter - each-message's other half: the process that runs PROG for each message, so
 * that the one that reads the stream needs no right to run anything. Does I/O.
 *
 * They talk over a SOCK_SEQPACKET pair, one octet a request: run PROG; wait for its
 * end, for STARTER_LIMIT seconds at the most. PROG gets the message on descriptor 0 and
 * the envelope on descriptor 1, as qmail-queue does, and one pipe for what it has to say
 * on descriptors 4 and 6; descriptor 2 is the log.
 */

#include <stddef.h>

#include "exits.h"

#define STARTER_FD    3   /* the reader's end of the pair */
#define STARTER_LIMIT 500 /* seconds for PROG to end when it has the whole message */

/* A PROG that runs: the pipes to it are non-blocking. */
struct starter_run {
	int message, envelope;
};

/* How it ended: for exits_answer. */
struct starter_end {
	int status; /* as waitpid gives it; too late is EXITS_TIMEOUT, no such program EXITS_EXEC */
	size_t len;
	char said[EXITS_TEXT_MAX];
};

/*
 * starter_begin - fork the starter for PROG (argv, ended by a null pointer), with this
 * process's environment, PATH led by conf-files/bindir. STARTER_FD is the caller's end.
 * The starter ends when the caller does. Dies (EXIT_TEMP) if it cannot be.
 */
void starter_begin(char const *const *argv);

/*
 * starter_run - 1; 0 with *end: PROG cannot be started; -1 with errno: the starter is gone.
 * starter_wait - close both pipes first; 1, or -1.
 */
int starter_run(struct starter_run *run, struct starter_end *end);
int starter_wait(struct starter_end *end);

#endif
