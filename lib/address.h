#ifndef LIB_ADDRESS_H
#define LIB_ADDRESS_H

/*
 * address - the mailbox grammar of RFC 5321 4.1.2, RFC 6531 3.3 and RFC 5321 4.1.3.
 * No I/O, no memory of its own.
 *
 * Everywhere in Sallyport (mail stream, queue, logs, Delivered-To) a mailbox is text
 * in one canonical form: local-part@domain, the local-part quoted only where a
 * dot-atom will not do, the domain an address literal or a lower-cased name (the
 * grammar has no final dot; one is refused); "postmaster" alone may have no domain;
 * the null reverse-path is empty. Controls, C1's in UTF-8 too, are in no address.
 */

#include <stddef.h>

#define ADDRESS_MAX                                                                                \
	900 /* octets of a mailbox in canonical form; RFC 5321 4.5.3.1.3 asks for 254              \
	     */
#define ADDRESS_LOCAL_MAX  512 /* octets of a local-part; 4.5.3.1.1 asks for 64 */
#define ADDRESS_DOMAIN_MAX 255 /* octets of a domain; 4.5.3.1.2 */

struct address {
	char text[ADDRESS_MAX + 1]; /* canonical, NUL-terminated */
	size_t len;
	size_t at; /* offset of the @ before the domain; len if there is none */
	int utf8;  /* it holds octets above 127, all valid UTF-8: it needs SMTPUTF8 */
};

/* Why a path was refused. */
enum address_result {
	ADDRESS_OK = 1,
	ADDRESS_BAD = 0,       /* not the grammar: 501 5.1.3 (or 5.1.7 for a sender) */
	ADDRESS_TOO_LONG = -1, /* a limit above: 501 5.1.3 */
};

/* What a caller lets pass. */
enum address_flags {
	ADDRESS_NULL_OK = 1,        /* <> (reverse-path) */
	ADDRESS_NO_DOMAIN_OK = 2,   /* any local-part alone (submission, command line) */
	ADDRESS_POSTMASTER_OK = 4,  /* <postmaster> alone, in any case (RFC 5321 4.1.1.3) */
	ADDRESS_NO_BRACKETS_OK = 8, /* a mailbox without < and > */
	ADDRESS_UTF8_OK = 16,       /* SMTPUTF8 was asked for */
};

/*
 * address_parse_path - read a path ("<@a,@b:local@domain>", source route dropped) at
 * the start of s; *used is set to the octets it took, what follows is the caller's.
 */
enum address_result address_parse_path(
    struct address *a, char const *s, size_t len, unsigned int flags, size_t *used);

/* address_parse - the same for a mailbox without brackets that is all of s. */
enum address_result address_parse(struct address *a, char const *s, size_t len, unsigned int flags);

/*
 * address_local - the local-part without its quotes, into to[ADDRESS_LOCAL_MAX]; its
 * length. It may hold blanks, slashes and any octet but a control: never a file name
 * as it is. The address must come from one of the two above.
 */
size_t address_local(struct address const *a, char *to);

/* address_domain_is_valid - a host name by the grammar (also for HELO); literals too if wanted. */
int address_domain_is_valid(char const *s, size_t len, int literal_ok, int utf8_ok);

#endif
