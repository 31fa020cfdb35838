#ifndef LIB_COMMANDS_H
#define LIB_COMMANDS_H

/*
 * commands - MAIL and RCPT with those parameters that the next server knows (RFC 5321
 * 4.1.1.2, 4.1.1.3), and AUTH (RFC 4954, 4616). No I/O.
 */

#include <stddef.h>
#include <stdint.h>

#include "capabilities.h"
#include "letter.h"

#define COMMANDS_MAX      5120 /* octets of a command: a frame's, and what is put around it */
#define COMMANDS_AUTH_MAX 1024 /* octets of an AUTH command or its answer */
#define COMMANDS_NAME_MAX 255  /* octets of user, and of password: what RFC 4616 has to carry */

/* What is known of the message that the envelope does not say. */
struct commands_mail {
	uint64_t size; /* 0: not known */
	int eight;     /* it goes out with octets over 127 */
};

/* commands_mail, commands_rcpt - the command with CR LF; returns its length. */
size_t commands_mail(char to[COMMANDS_MAX], struct letter const *l, struct commands_mail const *m,
    struct capabilities const *can);
size_t commands_rcpt(
    char to[COMMANDS_MAX], struct letter const *l, size_t rcpt, struct capabilities const *can);

/*
 * commands_auth_plain - AUTH PLAIN with its initial response; commands_auth_login - one
 * answer of AUTH LOGIN (user or password). Return the length with CR LF, 0 if it is too long.
 */
size_t commands_auth_plain(char to[COMMANDS_AUTH_MAX], char const *user, char const *password);
size_t commands_auth_login(char to[COMMANDS_AUTH_MAX], char const *text);

#endif
