#ifndef SMTPD_SASL_H
#define SMTPD_SASL_H

/*
 * sasl - what a client says to log in: PLAIN (RFC 4616), LOGIN, SCRAM-SHA-256 and
 * SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677). Octets of the client go in, what to do next comes
 * out; whether a password is right is decided by others. No I/O, no memory but the struct.
 * Passwords are octets: no SASLprep is done on either side.
 */

#include <stddef.h>
#include <stdint.h>

#define SASL_NAME_MAX   256 /* octets of a login or a password, NUL included */
#define SASL_NONCE_MAX  128 /* of SCRAM's nonces, the client's and ours together */
#define SASL_FIRST_MAX  512 /* of what a SCRAM client says first */
#define SASL_FINAL_MAX  768 /* and last */
#define SASL_BOUND_MAX  640 /* of what c= must be, in base64, NUL included */
#define SASL_TEXT_MAX   1536
#define SASL_OWN_NONCE  24 /* octets of ours, printable */
#define SASL_SALT_MAX   64
#define SASL_DIGEST     32 /* octets of SHA-256 */
#define SASL_MECHANISMS "PLAIN LOGIN"
#define SASL_SCRAM      "SCRAM-SHA-256"
#define SASL_PLUS       SASL_SCRAM "-PLUS"

/* Of the TLS connection's bindings, as AUTH_BEGIN has them (auth.h). */
#define SASL_BINDINGS_MAX 256 /* octets of them all, NUL included */
#define SASL_BINDING_MAX  64  /* octets that one stands for */

enum sasl_what {
	SASL_CHALLENGE, /* put text to the client, and its response to sasl_go */
	SASL_CHECK,     /* is password login's? */
	SASL_KEYS,      /* find login's salt, and call sasl_salt */
	SASL_PROOF,    /* does proof fit text (RFC 5802 3, AuthMessage)? then call sasl_signature */
	SASL_DONE,     /* the client has heard all of it */
	SASL_WRONG,    /* nobody can log in like that */
	SASL_NONSENSE, /* it does not follow the mechanism */
	SASL_UNKNOWN,  /* no such mechanism */
	/* RFC 5802 6: and so nobody's password was tried */
	SASL_DOWNGRADED, /* the client thinks that we cannot bind, and we can: who told it so? */
	SASL_TYPELESS,   /* it wants a type of binding that this connection has not */
	SASL_UNBOUND,    /* it is bound to another connection, or says other things of it now */
};

struct sasl {
	int mechanism, state; /* private */
	char login[SASL_NAME_MAX];
	char password[SASL_NAME_MAX];
	char proof[SASL_DIGEST];
	size_t len; /* octets of text */
	char text[SASL_TEXT_MAX];
	/* of SCRAM; private */
	char bindings[SASL_BINDINGS_MAX]; /* of the connection; empty: we cannot bind */
	char nonce[SASL_NONCE_MAX + 1];
	char bound[SASL_BOUND_MAX]; /* what c= must be, in base64 */
	char first[SASL_FIRST_MAX]; /* without its header */
	char ours[SASL_FIRST_MAX];
	char own[SASL_OWN_NONCE + 1];
};

/*
 * sasl_begin - by an AUTH_BEGIN packet's text: mechanism NUL binding NUL ['=' initial]. own
 * is our nonce, printable, of SASL_OWN_NONCE octets; scram: that mechanism can be had, and,
 * if there is a binding, the one with -PLUS.
 * sasl_go - the client's next response.
 */
enum sasl_what sasl_begin(
    struct sasl *s, char const *packet, size_t len, char const *own, int scram);
enum sasl_what sasl_go(struct sasl *s, char const *response, size_t len);

/* sasl_salt, sasl_signature - what was asked for; the next challenge is in text then. */
enum sasl_what sasl_salt(struct sasl *s, char const *salt, size_t len, uint32_t iterations);
enum sasl_what sasl_signature(struct sasl *s, char const signature[SASL_DIGEST]);

/*
 * sasl_is_name - whether a login may be handed on: letters, digits, ._+-=@~#!&^ and UTF-8,
 * not beginning with a dot or hyphen. Back ends make paths, lines and queries of it.
 */
int sasl_is_name(char const *login);

#endif
