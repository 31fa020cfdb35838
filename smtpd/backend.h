#ifndef SMTPD_BACKEND_H
#define SMTPD_BACKEND_H

/*
 * backend - who knows whether a password is right: a checkpassword program, run here or by
 * the runner, or Dovecot; and a file
 * for SCRAM. Does I/O and starts processes.
 */

#include "attempt.h"
#include "keeper.h"

/*
 * backend_check - of k->login, which is a name (sasl_is_name); the back end may correct it
 * to another one. *why is what went wrong.
 */
enum attempt_result backend_check(struct keeper *k, char const *password, char const **why);

/*
 * backend_keys - k->scram for k->login, out of the file k->keys: 1; 0 made up, since there are
 * none; -1 trouble.
 */
int backend_keys(struct keeper *k, char const **why);

/*
 * backend_runner - the runner's work, in a process of its own, as root: run the checkpassword
 * program for the keeper at the other end of fd, until that goes.
 */
void backend_runner(int fd, char const *const *words);

#endif
