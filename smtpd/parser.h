#ifndef SMTPD_PARSER_H
#define SMTPD_PARSER_H

/*
 * parser - the process that reads what a client says to log in, for one attempt: forked when
 * it begins, gone when it is over. It has no files, no privileges and no way out but a
 * SOCK_SEQPACKET pair. Forks, closes the sandbox, does I/O.
 *
 * To it go smtpd's packets (auth.h: AUTH_BEGIN, AUTH_GO) and what it asked for, PARSER_SALT
 * with the count of iterations in decimal, a NUL and the salt, and PARSER_SIGNED with a
 * signature. From it come packets of a type below and a text.
 */

#include <stddef.h>
#include <sys/types.h>

#define PARSER_FD   4  /* the keeper's end */
#define PARSER_WAIT 30 /* seconds that a step may take */

#define PARSER_SALT   's'
#define PARSER_SIGNED 'v'

enum parser_says {
	PARSER_CHALLENGE = '+', /* octets for the client */
	PARSER_CHECK = 'P',     /* login NUL password NUL */
	PARSER_KEYS = 'S',      /* login NUL: its salt is wanted */
	PARSER_PROOF = 'F',     /* proof, and the text that it is of (sasl.h) */
	PARSER_DONE = '.',
	PARSER_WRONG = '-', /* login NUL, as far as there is one; so in the next three */
	PARSER_DOWNGRADED = 'y',
	PARSER_TYPELESS = 't',
	PARSER_UNBOUND = 'b',
	PARSER_NONSENSE = '!',
	PARSER_UNKNOWN = '?',
};

/* parser_start - its process, with SCRAM or without; -1 if it cannot be started. */
pid_t parser_start(int scram);

/* parser_end - whatever it does. */
void parser_end(pid_t pid);

#endif
