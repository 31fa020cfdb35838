#ifndef DELIVER_RUNNER_H
#define DELIVER_RUNNER_H

/*
 * runner - run the programs of a recipient's instructions, outside the sandbox.
 *
 * The runner is a process of the same user, forked before the sandbox closes and before
 * the first octet of mail is read. It keeps its own copy of the instructions: the sandboxed
 * process can only name one of them by number, with a sender and a message, and gets an
 * answer. Does I/O, forks and execs.
 *
 * A program runs as `/bin/sh -c LINE` in the home directory, in a session of its own,
 * with the message on descriptor 0 (a copy in memory that nobody can change) and its
 * output taken, the first RUNNER_OUTPUT_MAX octets of it, for the answer.
 */

#include "qmail.h"
#include "stream.h"

#define RUNNER_FD         4    /* our end of the pair; policies name it */
#define RUNNER_OUTPUT_MAX 900  /* octets of a program's output that are kept */
#define RUNNER_SENDER_MAX 1024 /* octets of a sender */

enum runner_result {
	RUNNER_NEXT = 1, /* it exited 0: go on with the next line */
	RUNNER_STOP = 2, /* it exited 99: leave the next lines out */
	RUNNER_FAIL = 0, /* the answer says why, and whether for good */
};

/*
 * runner_start - fork it. facts hold all but sender and newsender, owner is
 * qmail_newsender's, seconds the time that one program has. Dies if it cannot fork.
 */
void runner_start(
    struct qmail const *q, struct qmail_facts const *facts, int owner, unsigned int seconds);

/*
 * runner_run - have the program of line number line (in q->lines) run on the message that
 * message holds (body_sealed). The answer's text is what the program wrote.
 */
enum runner_result runner_run(size_t line, char const *sender, int message, struct answer *a);

/*
 * runner_judge - what a program's end means: code is waitpid's, output its text. Exits 0 and
 * 99 are done; 100, 64, 65, 70, 76, 77, 78 and 112 are for good; all else is to be
 * tried again. Text that begins with a fitting enhanced status code sets the status. Pure.
 */
enum runner_result runner_judge(int code, char const *output, size_t len, struct answer *a);

#endif
