#ifndef SMTPD_DATA_H
#define SMTPD_DATA_H

/*
 * data - turn what a client sends as a message into the mail stream's form: lines end
 * with LF. CR LF and nothing else ends a line, CR LF . CR LF and nothing else ends the
 * message (RFC 5321 2.3.8, 4.1.1.4, 4.5.2). Works in place, on chunks cut anywhere.
 * No I/O.
 */

#include <stddef.h>
#include <stdint.h>

struct data {
	int dots;      /* DATA: dots are unstuffed, one alone ends the message; not so in BDAT */
	int state;     /* private */
	int bare;      /* a bare CR or LF was seen: it became LF, or nothing */
	int ended;     /* the end of the message was seen */
	uint64_t size; /* octets of the message so far: CR LF counts two, stuffed dots none (RFC
			  1870 3) */
};

/* data_init - begin with a message. */
void data_init(struct data *d, int dots);

/*
 * data_feed - read len octets, or fewer if the message ends among them: returns how
 * many. *out octets of the message are at text now.
 */
size_t data_feed(struct data *d, char *text, size_t len, size_t *out);

/* data_finish - a message by BDAT is over: 1 if its last line has no end, and needs a LF. */
int data_finish(struct data *d);

#endif
