#ifndef SMTPD_ATTEMPT_H
#define SMTPD_ATTEMPT_H

/*
 * attempt - ask a checkpassword program whether a password is right: login, password and
 * time, each with a NUL behind it, are its descriptor 3, and what it becomes on success is
 * /bin/true. Starts a process and waits for it.
 */

#include <stddef.h>

#define ATTEMPT_MAX     512 /* octets of descriptor 3: more no such program reads */
#define ATTEMPT_SECONDS 60
#define ATTEMPT_WORDS   64 /* of a checkpassword program's command line */

enum attempt_result {
	ATTEMPT_RIGHT = 'K',
	ATTEMPT_WRONG = 'D',
	ATTEMPT_TROUBLE = 'Z', /* nothing can be said now */
};

/* attempt_judge - what an exit means; code is waitpid's. Pure. */
enum attempt_result attempt_judge(int code);

/*
 * attempt_run - words: the program and its arguments, ended by a null pointer, at most
 * ATTEMPT_WORDS. *why is set to what went wrong, in words, if it is trouble.
 */
enum attempt_result attempt_run(char const *const *words, char const *login, char const *password,
    unsigned int seconds, char const **why);

#endif
