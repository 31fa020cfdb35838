#ifndef SMTPD_DOVECOT_H
#define SMTPD_DOVECOT_H

/*
 * dovecot - ask Dovecot's authentication service, as a client of its protocol, version 1
 * (Dovecot's documentation: "Authentication Protocol"). Does I/O on a socket that it opens
 * for each question.
 */

#include <stddef.h>

#include "attempt.h"

#define DOVECOT_LINE_MAX 8192 /* octets of a line */

/*
 * dovecot_judge - what a line of the service's means for the request number 1; user[max] is
 * the name that it gives, if it gives one. ATTEMPT_RIGHT, _WRONG, _TROUBLE; 0: read on. Pure;
 * line is NUL-ended, without its end of line.
 */
int dovecot_judge(char const *line, char *user, size_t max);

/* dovecot_check - of login[max], which becomes the name that Dovecot gives; see attempt_run. */
enum attempt_result dovecot_check(char const *path, char *login, size_t max, char const *password,
    char const *ip, char const **why);

#endif
