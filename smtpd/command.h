#ifndef SMTPD_COMMAND_H
#define SMTPD_COMMAND_H

/*
 * command - find the verb of an SMTP command line (RFC 5321 4.1.1, 2.4).
 * Nothing here allocates, does I/O or keeps state.
 */

#include <stddef.h>

#define COMMAND_MAX      512  /* octets of a line, CR LF included (RFC 5321 4.5.3.1.4) */
#define COMMAND_PATH_MAX 2048 /* of MAIL, RCPT and AUTH: addresses, parameters, a response */

enum command_verb {
	COMMAND_HELO,
	COMMAND_EHLO,
	COMMAND_MAIL,
	COMMAND_RCPT,
	COMMAND_DATA,
	COMMAND_BDAT,
	COMMAND_RSET,
	COMMAND_NOOP,
	COMMAND_VRFY,
	COMMAND_EXPN,
	COMMAND_HELP,
	COMMAND_QUIT,
	COMMAND_STARTTLS,
	COMMAND_AUTH,
	COMMAND_UNKNOWN,
};

struct command {
	enum command_verb verb;
	char const *arg; /* points into the line; not NUL-terminated; for MAIL behind "FROM:" */
	size_t arglen;   /* octets, blanks around and CR LF taken off */
};

enum command_result {
	COMMAND_OK,         /* an unknown verb too */
	COMMAND_BARE,       /* a bare CR or a NUL in it: 500 */
	COMMAND_TOO_LONG,   /* 500 */
	COMMAND_NO_KEYWORD, /* MAIL without FROM:, RCPT without TO:; verb is set: 501 */
};

/* command_parse - take a line that ends in CR LF apart. */
enum command_result command_parse(struct command *cmd, char const *line, size_t len);

#endif
