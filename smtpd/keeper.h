#ifndef SMTPD_KEEPER_H
#define SMTPD_KEEPER_H

/*
 * keeper - the process of smtpd-auth that stays: it passes packets between smtpd and the
 * parser, asks the back end, counts, delays, and alone says who somebody is. What a client
 * said it never looks into, but for login and password as the parser put them. Does I/O and
 * starts processes.
 */

#include <stddef.h>
#include <stdint.h>

#include "client.h"
#include "scram.h"
#include "tally.h"

#define KEEPER_FD 3 /* the socket to smtpd; PARSER_FD is the next one */

struct keeper {
	char const *const *words;    /* the checkpassword program and its arguments; or null */
	char const *dovecot;         /* the path of Dovecot's socket; or null */
	char const *keys;            /* the path of a passwords(5) with keys for SCRAM; or null */
	int runner;                  /* the socket to the runner (backend.h); or -1 */
	char ip[CLIENT_IP_MAX];      /* the client's, or "local" */
	char network[CLIENT_IP_MAX]; /* by what its failures are counted */
	uint64_t most;               /* failures of an address that are borne */
	uint64_t rate;               /* recipients an hour for a user; 0 no limit */
	struct tally tally;
	/* what is going on */
	int parser; /* process id, or 0 */
	enum keeper_proof { KEEPER_NO_PROOF, KEEPER_ASKED, KEEPER_PROVED } proof; /* SCRAM's */
	int known;          /* scram is of somebody who is there */
	struct scram scram; /* the keys of whom the attempt is for */
	char mechanism[32];
	char login[256]; /* whom the attempt is for */
	char user[256];  /* who got in, or empty */
	uint64_t failed; /* on this connection */
};

/* keeper_network - the address for IPv4, the first 64 bits of it for IPv6. */
void keeper_network(char to[CLIENT_IP_MAX], char const *ip);

/* keeper_delay - seconds that the answer to so many wrong passwords takes. Pure. */
unsigned int keeper_delay(uint64_t failures);

/* keeper_serve - until smtpd goes. */
void keeper_serve(struct keeper *k);

#endif
