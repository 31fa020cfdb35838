#ifndef SMTPD_PWHASH_H
#define SMTPD_PWHASH_H

/*
 * pwhash - whether a password gives a hash: those of crypt(5) that begin with a dollar sign
 * (yescrypt, SHA-512, bcrypt, …), and the keys of SCRAM. Makes new ones. No I/O but random
 * octets; secrets are wiped.
 */

#include <stddef.h>

#include "passwords.h"

enum pwhash_result {
	PWHASH_RIGHT = 1,
	PWHASH_WRONG = 0,
	PWHASH_UNKNOWN = -1, /* no such hash, or no memory for it */
};

/* pwhash_check - hash and password end with NUL. An empty hash is none, and takes its time. */
enum pwhash_result pwhash_check(char const *hash, char const *password);

/*
 * pwhash_make - a new hash of a password, into to[PASSWORDS_HASH_MAX]: yescrypt, or the keys
 * of SCRAM: 1, or 0 it cannot be made (no memory, no random octets).
 */
int pwhash_make(char *to, char const *password, int scram);

#endif
