#ifndef LIB_KNOWN_H
#define LIB_KNOWN_H

/*
 * known - the table of all settings in control/: what each is called, holds and means. It
 * is what control-check checks, and control(5) tells each at length (a test sees to that).
 */

#include <stddef.h>
#include <stdint.h>

enum known_kind {
	KNOWN_HOST,            /* a host or domain name */
	KNOWN_TEXT,            /* one line, any text */
	KNOWN_NUMBER,          /* from min to max */
	KNOWN_CHOICE,          /* one of the words in choices, which are apart by a blank */
	KNOWN_MAILBOX,         /* a local part, or a whole address */
	KNOWN_MAILBOX_OR_NONE, /* the same, or empty */
	KNOWN_DELIVERY,        /* one instruction of a .qmail file */
	KNOWN_DOMAINS,         /* a list of domains and .suffixes */
	KNOWN_SENDERS,         /* a list of user@domain and @domain */
	KNOWN_RECIPIENTS,      /* recipient_open checks it */
	KNOWN_ROUTES,          /* a list of domain:host (smtproutes.h) */
	KNOWN_LEVELS,          /* a list of name:level of TLS (smtproutes.h) */
	KNOWN_ADDRESSES,       /* a list of at most one IPv4 and one IPv6 address */
	KNOWN_PATH,            /* a file's absolute path */
	KNOWN_LOGINS,          /* a list of host, user and password; secret */
	KNOWN_PERMITS,         /* a list of login:address */
};

struct known {
	char const *name;
	enum known_kind kind;
	uint64_t min, max;
	char const *otherwise; /* the default, as the file would have it; "" for none; a name in
				  angle brackets for another setting's value */
	char const *choices;
	char const *readers; /* which programs read it */
	char const *meaning; /* one line */
};

extern struct known const known[];
extern size_t const known_count;

/* known_is_secret - a file that is no setting, but holds keys or passwords (of smtpd-tls,
 * smtpd-auth). */
int known_is_secret(char const *name);

/* known_find - the setting of this name, or null. */
struct known const *known_find(char const *name);

#endif
