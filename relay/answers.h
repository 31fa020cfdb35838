#ifndef RELAY_ANSWERS_H
#define RELAY_ANSWERS_H

/*
 * answers - DNS packets (RFC 1035, 6891): a question to send, and what a reply says. No I/O.
 *
 * A reply may be anything: names are followed only backwards and to 255 octets, records only
 * in the answer section and only of the name that was asked for or that its CNAMEs lead to,
 * and no more of them than ANSWERS_SCAN_MAX are looked at. Memory is the struct itself. By
 * hand, and not with ns_initparse and ns_parserr: these take a pointer to itself for a
 * long name, and give no limit to how often it is followed.
 */

#include <stddef.h>
#include <stdint.h>

#define ANSWERS_NAME_MAX     256  /* octets of a name as text, NUL included */
#define ANSWERS_QUESTION_MAX 300  /* octets of a question packet */
#define ANSWERS_UDP_MAX      1232 /* octets of a reply over UDP that we ask for */
#define ANSWERS_PACKET_MAX   65535
#define ANSWERS_MAX          64   /* records that are kept: of MX, those that are preferred */
#define ANSWERS_DATA_MAX     8192 /* octets of all their data */
#define ANSWERS_SCAN_MAX     1000 /* records of a reply that are looked at */
#define ANSWERS_CHAIN_MAX    16   /* CNAMEs that are followed */
#define ANSWERS_TXT_MAX      512  /* octets of a TXT record; longer ones are passed over */

enum answers_type {
	ANSWERS_A = 1,
	ANSWERS_CNAME = 5,
	ANSWERS_MX = 15,
	ANSWERS_TXT = 16,
	ANSWERS_AAAA = 28,
	ANSWERS_TLSA = 52,
};

enum answers_result {
	ANSWERS_OK,        /* there are records */
	ANSWERS_NONE,      /* the name is there, but has no such records (NODATA) */
	ANSWERS_NO_NAME,   /* there is no such name (NXDOMAIN) */
	ANSWERS_TROUBLE,   /* the server could not find out (SERVFAIL …), or nobody answered */
	ANSWERS_MALFORMED, /* the reply makes no sense; treated as trouble */
};

struct answers_record {
	uint16_t preference; /* of MX */
	uint16_t offset;     /* in data[] */
	uint16_t len;        /* of A 4, of AAAA 16; of MX the name's, without its NUL */
};

struct answers {
	enum answers_result result;
	int rcode;    /* of the reply; -1 nobody answered */
	int secure;   /* the resolver validated all of it (AD), also that there is nothing */
	int aliased;  /* the name was a CNAME */
	int unusable; /* MX records were passed over whose target is no host name */
	uint32_t ttl; /* seconds: the shortest of what was used; 0 if there was nothing */
	char name[ANSWERS_NAME_MAX]; /* where its CNAMEs lead to; else the name itself */
	size_t count;
	struct answers_record record[ANSWERS_MAX];
	size_t used;
	char data[ANSWERS_DATA_MAX]; /* addresses; names as text; TLSA data; TXT joined */
};

/*
 * answers_question - a packet that asks for (name, type) into to[ANSWERS_QUESTION_MAX]; its
 * length, or 0 if the name does not fit DNS: labels of 1 to 63 octets, 253 in all, no octet
 * but letters, digits, hyphen and underscore. With edns, replies may be larger, and with
 * validated besides, the resolver is asked to validate (DO and AD).
 */
size_t answers_question(unsigned char *to, uint16_t id, char const *name, enum answers_type type,
    int edns, int validated);

/*
 * answers_is_reply - whether the packet is a reply to this question packet: same id, same
 * question. *truncated: it must be asked for over TCP.
 */
int answers_is_reply(unsigned char const *packet, size_t len, unsigned char const *question,
    size_t questionlen, int *truncated);

/*
 * answers_read - what a reply says, that answers_is_reply took for one, to a question of this
 * type; trust: the AD bit of this server counts.
 */
void answers_read(
    struct answers *a, unsigned char const *packet, size_t len, enum answers_type type, int trust);

/*
 * answers_failed - it could not be found out what there is. answers_why - what became of such a
 * question, for people.
 */
int answers_failed(struct answers const *a);
char const *answers_why(struct answers const *a);

/* answers_clear - no records; result is why. */
void answers_clear(struct answers *a, enum answers_result result);

/* answers_data - a record's data: octets, or for MX a name ended by NUL ("" is the root). */
char const *answers_data(struct answers const *a, size_t i);

#endif
