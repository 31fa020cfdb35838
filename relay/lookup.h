#ifndef RELAY_LOOKUP_H
#define RELAY_LOOKUP_H

/*
 * lookup - ask DNS, several questions in one flight. Does I/O: UDP, and TCP where a reply did
 * not fit.
 *
 * The name servers come from /etc/resolv.conf by res_ninit(3), before the sandbox closes; no
 * /etc/hosts, no search list, no NSS. The packets are not sent by res_nsend(3): over TCP it
 * waits without any limit, and asks one question at a time.
 */

#include <stdint.h>
#include <sys/socket.h>

#include "answers.h"

#define LOOKUP_SERVERS_MAX   3
#define LOOKUP_QUESTIONS_MAX 32
#define LOOKUP_LIMIT         30000 /* milliseconds for all questions of one call */

struct lookup {
	size_t servers;
	struct {
		struct sockaddr_storage address;
		socklen_t len;
		int trusted; /* its AD bit counts: it is on loopback, or the admin says so */
	} server[LOOKUP_SERVERS_MAX];
	int validated; /* one of them is trusted: ask for validation */
	int timeout;   /* milliseconds for one server */
	int attempts;  /* with each server */
};

struct lookup_question {
	char const *name;
	enum answers_type type;
	struct answers *answers; /* is filled in */
	/* lookup's own */
	unsigned char packet[ANSWERS_QUESTION_MAX];
	size_t len;
	int no_edns; /* the server does not know it */
	int done, failed;
};

/*
 * lookup_init - read who the name servers are; trustad: believe any of them. 1, or 0.
 * lookup_keep_trusted - if one is believed, ask no other: what validation refused must not
 * come in through the next one, as if it were merely unsigned.
 */
int lookup_init(struct lookup *l, int trustad);
void lookup_keep_trusted(struct lookup *l);

/* lookup_port - of the server numbered so: for the sandbox. */
unsigned int lookup_port(struct lookup const *l, size_t server);

/* lookup_ask - name, type and answers of each are set; when it returns, all have a result. */
void lookup_ask(struct lookup *l, struct lookup_question *q, size_t count);

#endif
