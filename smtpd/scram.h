#ifndef SMTPD_SCRAM_H
#define SMTPD_SCRAM_H

/*
 * scram - the arithmetic of SCRAM-SHA-256 (RFC 5802 3, RFC 7677), and its keys as a password
 * file has them: "{SCRAM-SHA-256}ITERATIONS,SALT,STOREDKEY,SERVERKEY", the last three in
 * base64, as Dovecot has it. No I/O; secrets are wiped from the stack.
 */

#include <stddef.h>
#include <stdint.h>

#define SCRAM_SCHEME         "{SCRAM-SHA-256}"
#define SCRAM_DIGEST         32
#define SCRAM_SALT           16 /* octets of a new one */
#define SCRAM_SALT_MAX       64
#define SCRAM_ITERATIONS     16384 /* of new keys */
#define SCRAM_ITERATIONS_MIN 4096
#define SCRAM_ITERATIONS_MAX 10000000
#define SCRAM_TEXT_MAX       (sizeof SCRAM_SCHEME + 8 + 3 + 88 + 44 + 44)

struct scram {
	uint32_t iterations;
	size_t saltlen;
	char salt[SCRAM_SALT_MAX];
	char stored[SCRAM_DIGEST]; /* what a proof is tried by */
	char server[SCRAM_DIGEST]; /* what shows that we are who we say */
};

/* scram_parse - of a password file: 1, or 0 it is not of this scheme, or not well-formed. */
int scram_parse(struct scram *s, char const *text, size_t len);

/* scram_format - the same backwards, into to[SCRAM_TEXT_MAX], NUL-ended. */
void scram_format(char *to, struct scram const *s);

/* scram_derive - stored and server from a password, by salt and iterations, which are set. */
void scram_derive(struct scram *s, char const *password);

/* scram_is_proof - whether a client's proof fits the text that it is of; signature is for him. */
int scram_is_proof(struct scram const *s, char const *text, size_t len,
    char const proof[SCRAM_DIGEST], char signature[SCRAM_DIGEST]);

/* scram_invent - salt and iterations for a name that has none, the same whenever it is asked. */
void scram_invent(struct scram *s, char const *name, char const *secret, size_t secretlen);

/* scram_is_same - in a time that does not depend on what is there. */
int scram_is_same(char const *a, char const *b, size_t len);

#endif
