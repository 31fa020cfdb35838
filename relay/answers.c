#include "answers.h"

#include <ctype.h>
#include <string.h>

#define HEADER    12 /* octets */
#define CLASS_IN  1
#define TYPE_OPT  41
#define FLAG_QR   0x80 /* in octet 2 */
#define FLAG_TC   0x02
#define FLAG_RD   0x01
#define FLAG_AD   0x20 /* in octet 3 */
#define SERVFAIL  2
#define REFUSED   5
#define NXDOMAIN  3
#define OPT_DO    0x80
#define JUMPS_MAX 32 /* of one name */

/* A packet that is read from at. */
struct reader {
	unsigned char const *packet;
	size_t len;
	size_t at;
};

/* A record as it stands in the packet. */
struct rr {
	char owner[ANSWERS_NAME_MAX];
	uint16_t type, class;
	uint32_t ttl;
	size_t at; /* of its data */
	size_t len;
};

static uint16_t
get16(unsigned char const *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t
get32(unsigned char const *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static unsigned char *
put16(unsigned char *p, unsigned int n)
{
	*p++ = (unsigned char)(n >> 8 & 0xff);
	*p++ = (unsigned char)(n & 0xff);
	return p;
}

static int
is_host_octet(unsigned char c)
{
	return isalnum(c) || c == '-' || c == '_';
}

/* ---- names */

/* put_name - the name in wire form; where it ends, or null if it is not one. */
static unsigned char *
put_name(unsigned char *to, char const *name)
{
	size_t const all = strnlen(name, ANSWERS_NAME_MAX);

	if (!all || all > 253)
		return 0;
	for (;;) {
		size_t n = 0;

		while (is_host_octet((unsigned char)name[n]))
			n++;
		if (!n || n > 63 || (name[n] && name[n] != '.'))
			return 0;
		*to++ = (unsigned char)n;
		memcpy(to, name, n);
		to += n;
		if (!name[n])
			break;
		name += n + 1;
	}
	*to++ = 0;
	return to;
}

/* add_label - behind the others; 0 too long. An octet that no host name has spoils the name. */
static int
add_label(char *text, size_t *n, unsigned char const *label, size_t len, int *odd)
{
	if (*n + len + 2 > ANSWERS_NAME_MAX)
		return 0;
	if (*n)
		text[(*n)++] = '.';
	for (size_t i = 0; i < len; i++) {
		*odd |= !is_host_octet(label[i]);
		text[(*n)++] = (char)tolower(label[i]);
	}
	return 1;
}

/*
 * get_name - the name at r->at, as text in lower case; r->at moves behind it. Every pointer
 * must lead before the place where the labels that it ends began. 1; 0 malformed; -1 it is no
 * host name, text is empty.
 */
static int
get_name(struct reader *r, char text[ANSWERS_NAME_MAX])
{
	size_t at = r->at, start = r->at, n = 0, jumps = 0;
	int odd = 0;

	for (;;) {
		unsigned char c;

		if (at >= r->len)
			return 0;
		c = r->packet[at];
		if (c >= 0xc0) {
			if (r->len - at < 2)
				return 0;
			if (!jumps)
				r->at = at + 2;
			at = get16(r->packet + at) & 0x3fff;
			if (at >= start || ++jumps > JUMPS_MAX)
				return 0;
			start = at;
			continue;
		}
		at++;
		if (c >= 0x40 || c > r->len - at)
			return 0;
		if (!c)
			break;
		if (!add_label(text, &n, r->packet + at, c, &odd))
			return 0;
		at += c;
	}
	if (!jumps)
		r->at = at;
	text[odd ? 0 : n] = 0;
	return odd ? -1 : 1;
}

/* ---- the question */

size_t
answers_question(unsigned char *to, uint16_t id, char const *name, enum answers_type type, int edns,
    int validated)
{
	int const ad = edns && validated;
	unsigned char *p = put16(to, id);

	*p++ = FLAG_RD;
	*p++ = ad ? FLAG_AD : 0;
	p = put16(p, 1);
	p = put16(p, 0);
	p = put16(p, 0);
	p = put16(p, edns ? 1 : 0);
	p = put_name(p, name);
	if (!p)
		return 0;
	p = put16(p, type);
	p = put16(p, CLASS_IN);
	if (edns) {
		*p++ = 0;
		p = put16(p, TYPE_OPT);
		p = put16(p, ANSWERS_UDP_MAX);
		p = put16(p, 0);
		*p++ = ad ? OPT_DO : 0;
		*p++ = 0;
		p = put16(p, 0);
	}
	return (size_t)(p - to);
}

/* question_end - where the question ends that stands first in the packet; 0 there is none. */
static size_t
question_end(unsigned char const *packet, size_t len, char name[ANSWERS_NAME_MAX])
{
	struct reader r = { packet, len, HEADER };

	if (len < HEADER || get16(packet + 4) != 1 || get_name(&r, name) != 1 || r.len - r.at < 4)
		return 0;
	return r.at + 4;
}

int
answers_is_reply(unsigned char const *packet, size_t len, unsigned char const *question,
    size_t questionlen, int *truncated)
{
	char asked[ANSWERS_NAME_MAX], name[ANSWERS_NAME_MAX];
	size_t const q = question_end(question, questionlen, asked);
	size_t const p = question_end(packet, len, name);

	if (!q || !p || !(packet[2] & FLAG_QR) || memcmp(packet, question, 2) != 0 ||
	    strcmp(asked, name) != 0 || memcmp(packet + p - 4, question + q - 4, 4) != 0)
		return 0;
	*truncated = packet[2] & FLAG_TC;
	return 1;
}

/* ---- the answer section */

/* get_rr - the record at r->at; r->at moves behind it. 1, or 0 malformed. */
static int
get_rr(struct reader *r, struct rr *rr)
{
	unsigned char const *p;

	if (!get_name(r, rr->owner) || r->len - r->at < 10)
		return 0;
	p = r->packet + r->at;
	rr->type = get16(p);
	rr->class = get16(p + 2);
	rr->ttl = get32(p + 4);
	if (rr->ttl > INT32_MAX) /* RFC 2181 8 */
		rr->ttl = 0;
	rr->len = get16(p + 8);
	r->at += 10;
	rr->at = r->at;
	if (rr->len > r->len - r->at)
		return 0;
	r->at += rr->len;
	return 1;
}

/* The records of the answer section, each time from the first. */
struct section {
	struct reader r;
	size_t left;
	int malformed;
};

static struct section
section_of(struct reader const *r, size_t count)
{
	return (struct section){ *r, count < ANSWERS_SCAN_MAX ? count : ANSWERS_SCAN_MAX, 0 };
}

/* next_rr - the next record of this owner and type: 1, or 0 there is none. */
static int
next_rr(struct section *s, struct rr *rr, char const *owner, uint16_t type)
{
	while (s->left) {
		s->left--;
		if (!get_rr(&s->r, rr)) {
			s->malformed = 1;
			return 0;
		}
		if (rr->type == type && rr->class == CLASS_IN && *rr->owner &&
		    !strcmp(rr->owner, owner))
			return 1;
	}
	return 0;
}

static void
note_ttl(struct answers *a, uint32_t ttl)
{
	int const is_first = !a->aliased && !a->count;

	if (is_first || ttl < a->ttl)
		a->ttl = ttl;
}

/* follow - a->name goes along its CNAMEs: 1, or 0 they make no sense. */
static int
follow(struct answers *a, struct reader const *r, size_t count)
{
	for (size_t n = 0; n < ANSWERS_CHAIN_MAX; n++) {
		struct section s = section_of(r, count);
		char name[ANSWERS_NAME_MAX];
		struct reader target;
		struct rr rr;

		if (!next_rr(&s, &rr, a->name, ANSWERS_CNAME))
			return !s.malformed;
		target = (struct reader){ r->packet, rr.at + rr.len, rr.at };
		if (get_name(&target, name) != 1 || !*name)
			return 0;
		memcpy(a->name, name, sizeof name);
		note_ttl(a, rr.ttl);
		a->aliased = 1;
	}
	return 0;
}

/* place - where a record can go: its index, or -1. Of MX, one that is preferred takes another's. */
static int
place(struct answers *a, enum answers_type type, uint16_t preference)
{
	size_t worst = 0;

	if (a->count < ANSWERS_MAX)
		return (int)a->count++;
	if (type != ANSWERS_MX)
		return -1;
	for (size_t i = 1; i < a->count; i++)
		if (a->record[i].preference > a->record[worst].preference)
			worst = i;
	return a->record[worst].preference > preference ? (int)worst : -1;
}

static void
add(struct answers *a, enum answers_type type, uint16_t preference, void const *data, size_t len)
{
	int i;

	if (len + 1 > sizeof a->data - a->used || (i = place(a, type, preference)) == -1)
		return;
	a->record[i] = (struct answers_record){ preference, (uint16_t)a->used, (uint16_t)len };
	memcpy(a->data + a->used, data, len);
	a->data[a->used + len] = 0;
	a->used += len + 1;
}

/* add_mx - 1, or 0 malformed. */
static int
add_mx(struct answers *a, struct reader const *r, struct rr const *rr)
{
	struct reader target = { r->packet, rr->at + rr->len, rr->at + 2 };
	char name[ANSWERS_NAME_MAX];
	int got;

	if (rr->len < 3 || !(got = get_name(&target, name)) || target.at != target.len)
		return 0;
	if (got == -1)
		a->unusable = 1;
	else
		add(a, ANSWERS_MX, get16(r->packet + rr->at), name, strlen(name));
	return 1;
}

/* add_txt - its strings joined: 1, or 0 malformed. */
static int
add_txt(struct answers *a, struct reader const *r, struct rr const *rr)
{
	char text[ANSWERS_TXT_MAX];
	size_t n = 0;
	int fits = 1;

	for (size_t i = 0; i < rr->len;) {
		size_t const len = r->packet[rr->at + i++];

		if (len > rr->len - i)
			return 0;
		if (len > sizeof text - n)
			fits = 0;
		else
			memcpy(text + n, r->packet + rr->at + i, len);
		n += fits ? len : 0;
		i += len;
	}
	if (fits)
		add(a, ANSWERS_TXT, 0, text, n);
	return 1;
}

/* add_rr - 1, or 0 malformed. */
static int
add_rr(struct answers *a, struct reader const *r, struct rr const *rr, enum answers_type type)
{
	size_t const size = type == ANSWERS_A ? 4 : 16;

	switch (type) {
	case ANSWERS_MX: return add_mx(a, r, rr);
	case ANSWERS_TXT: return add_txt(a, r, rr);
	case ANSWERS_A:
	case ANSWERS_AAAA:
		if (rr->len != size)
			return 0;
		break;
	case ANSWERS_TLSA:
		if (rr->len < 3)
			return 0;
		break;
	case ANSWERS_CNAME: return 1;
	}
	add(a, type, 0, r->packet + rr->at, rr->len);
	return 1;
}

/* collect - the records at the chain's end; what kind of answer it is. */
static enum answers_result
collect(struct answers *a, struct reader const *r, size_t count, enum answers_type type)
{
	struct section s = section_of(r, count);
	struct rr rr;

	while (next_rr(&s, &rr, a->name, (uint16_t)type)) {
		note_ttl(a, rr.ttl);
		if (!add_rr(a, r, &rr, type))
			return ANSWERS_MALFORMED;
	}
	if (s.malformed)
		return ANSWERS_MALFORMED;
	return a->count || a->unusable ? ANSWERS_OK : ANSWERS_NONE;
}

void
answers_clear(struct answers *a, enum answers_result result)
{
	a->result = result;
	a->rcode = -1;
	a->secure = a->aliased = a->unusable = 0;
	a->ttl = 0;
	a->count = a->used = 0;
	a->name[0] = 0;
}

void
answers_read(
    struct answers *a, unsigned char const *packet, size_t len, enum answers_type type, int trust)
{
	char asked[ANSWERS_NAME_MAX];
	struct reader r = { packet, len, 0 };
	size_t count;

	answers_clear(a, ANSWERS_MALFORMED);
	r.at = question_end(packet, len, asked);
	if (!r.at)
		return;
	memcpy(a->name, asked, sizeof a->name);
	a->rcode = packet[3] & 0x0f;
	if (a->rcode && a->rcode != NXDOMAIN) {
		a->result = ANSWERS_TROUBLE;
		return;
	}
	count = get16(packet + 6);
	if (!follow(a, &r, count))
		return;
	a->secure = trust && packet[3] & FLAG_AD;
	/* a CNAME that was asked for is not followed to an end: that it is there is all */
	if (type == ANSWERS_CNAME && a->aliased)
		a->result = ANSWERS_OK;
	else if (a->rcode == NXDOMAIN)
		a->result = ANSWERS_NO_NAME;
	else
		a->result = collect(a, &r, count, type);
	if (a->result == ANSWERS_MALFORMED)
		a->secure = 0;
}

char const *
answers_data(struct answers const *a, size_t i)
{
	return a->data + a->record[i].offset;
}

int
answers_failed(struct answers const *a)
{
	return a->result == ANSWERS_TROUBLE || a->result == ANSWERS_MALFORMED;
}

char const *
answers_why(struct answers const *a)
{
	if (a->rcode == -1)
		return "no name server answered";
	if (a->result == ANSWERS_MALFORMED)
		return "the reply makes no sense";
	return a->rcode == SERVFAIL  ? "the name server failed (SERVFAIL)"
	       : a->rcode == REFUSED ? "the name server refused"
				     : "the name server could not say";
}
