#include "sasl.h"

#include <stdio.h>
#include <string.h>

#include <skalibs/fmtscan.h>

#include "base64.h"
#include "scram.h"
#include "utf8.h"

enum mechanism { PLAIN = 1, LOGIN, SCRAM, PLUS };

/* What the next response is. */
enum state { MESSAGE, USERNAME, PASSWORD, FIRST, SALT, FINAL, SIGNATURE, LAST };

/* take - a login or password: 1, or 0 if it does not fit or has a NUL in it. */
static int
take(char to[SASL_NAME_MAX], char const *from, size_t len)
{
	if (!len || len >= SASL_NAME_MAX || memchr(from, 0, len))
		return 0;
	memcpy(to, from, len);
	to[len] = 0;
	return 1;
}

static enum sasl_what
challenge(struct sasl *s, enum state next, char const *text)
{
	s->len = strlen(text);
	memcpy(s->text, text, s->len + 1);
	s->state = (int)next;
	return SASL_CHALLENGE;
}

/* no - and that was the last of it. */
static enum sasl_what
no(struct sasl *s, enum sasl_what why)
{
	s->state = LAST;
	*s->first = 0;
	return why;
}

static enum sasl_what
nonsense(struct sasl *s)
{
	return no(s, SASL_NONSENSE);
}

/* plain - [authzid] NUL authcid NUL passwd; nobody may act as somebody else. */
static enum sasl_what
plain(struct sasl *s, char const *text, size_t len)
{
	char const *const end = text + len;
	char const *const login = len ? memchr(text, 0, len) : 0;
	char const *const password = login ? memchr(login + 1, 0, (size_t)(end - login - 1)) : 0;
	size_t const as = login ? (size_t)(login - text) : 0;

	if (!password || !take(s->login, login + 1, (size_t)(password - login - 1)) ||
	    !take(s->password, password + 1, (size_t)(end - password - 1)))
		return nonsense(s);
	s->state = LAST;
	if (as && (as != strlen(s->login) || memcmp(text, s->login, as) != 0))
		return SASL_WRONG;
	return SASL_CHECK;
}

/* ---- SCRAM */

/* A text that is read from left to right. */
struct cursor {
	char const *at, *end;
};

/* attribute - "name=value" up to a comma or the end: 1, and the cursor is behind the comma. */
static int
attribute(struct cursor *c, char name, char const **value, size_t *len)
{
	char const *comma;

	if (c->end - c->at < 2 || c->at[0] != name || c->at[1] != '=')
		return 0;
	*value = c->at + 2;
	comma = memchr(*value, ',', (size_t)(c->end - *value));
	*len = (size_t)((comma ? comma : c->end) - *value);
	c->at = comma ? comma + 1 : c->end;
	return 1;
}

/* take_saslname - =2C is a comma, =3D an equals sign. */
static int
take_saslname(char to[SASL_NAME_MAX], char const *from, size_t len)
{
	char plainname[SASL_FIRST_MAX];
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		plainname[n] = from[i];
		if (from[i] == '=') {
			if (len - i < 3 ||
			    (memcmp(from + i, "=2C", 3) != 0 && memcmp(from + i, "=3D", 3) != 0))
				return 0;
			plainname[n] = from[i + 1] == '2' ? ',' : '=';
			i += 2;
		}
		n++;
	}
	return take(to, plainname, n);
}

static int
is_printable(char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] < 0x21 || s[i] > 0x7e || s[i] == ',')
			return 0;
	return len > 0;
}

/* What the client's first message begins with: "n,,", "y,," or "p=type,,". */
struct header {
	char flag;
	char const *type, *as; /* as: "a=login" between the commas, if aslen is not 0 */
	size_t len, typelen, aslen;
};

static int
is_type(char const *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
			(s[i] >= '0' && s[i] <= '9') || s[i] == '.' || s[i] == '-'))
			return 0;
	return len > 0;
}

static int
gs2_header(struct header *h, char const *text, size_t len)
{
	struct cursor c = { text, text + len };

	memset(h, 0, sizeof *h);
	if (len < 3)
		return 0;
	h->flag = *text;
	if ((h->flag == 'n' || h->flag == 'y') && text[1] == ',')
		c.at += 2;
	else if (!attribute(&c, 'p', &h->type, &h->typelen) || !is_type(h->type, h->typelen))
		return 0;
	if (c.at < c.end && *c.at == ',')
		c.at++;
	else if (!attribute(&c, 'a', &h->as, &h->aslen) || !h->aslen)
		return 0;
	h->len = (size_t)(c.at - text);
	return 1;
}

/* find_binding - the octets that type stands for: how many, or 0. */
static size_t
find_binding(struct sasl const *s, struct header const *h, char to[SASL_BINDING_MAX])
{
	for (char const *p = s->bindings; *p; p += *p == ' ') {
		if (!strncmp(p, h->type, h->typelen) && p[h->typelen] == '=') {
			char const *const value = p + h->typelen + 1;
			size_t const len = strcspn(value, " ") / 2;

			return len <= SASL_BINDING_MAX && ucharn_scan(value, to, len) ? len : 0;
		}
		p += strcspn(p, " ");
	}
	return 0;
}

/* tie - c= must be header and binding. Whoever asks for -PLUS has to bind, and nobody else. */
static enum sasl_what
tie(struct sasl *s, struct header const *h, char const *text)
{
	char octets[SASL_FIRST_MAX / 4 * 3 + SASL_BINDING_MAX];
	size_t len = 0;

	if ((s->mechanism == PLUS) != (h->flag == 'p'))
		return SASL_NONSENSE;
	if (h->flag == 'y' && *s->bindings)
		return SASL_DOWNGRADED;
	if (h->flag == 'p') {
		len = find_binding(s, h, octets + h->len);
		if (!len)
			return SASL_TYPELESS;
	}
	memcpy(octets, text, h->len);
	s->bound[base64_encode(s->bound, octets, h->len + len)] = 0;
	return SASL_KEYS;
}

/* first - the client's first message: who it is, and its nonce. */
static enum sasl_what
first(struct sasl *s, char const *text, size_t len)
{
	char as[SASL_NAME_MAX];
	char const *login, *nonce;
	size_t loginlen, noncelen;
	struct header h;
	struct cursor c = { text, text + len };
	enum sasl_what what;

	if (len >= SASL_FIRST_MAX / 4 * 3 || memchr(text, 0, len) || !gs2_header(&h, text, len))
		return nonsense(s);
	c.at += h.len;
	if (!attribute(&c, 'n', &login, &loginlen) || !attribute(&c, 'r', &nonce, &noncelen) ||
	    noncelen + SASL_OWN_NONCE > SASL_NONCE_MAX || !is_printable(nonce, noncelen) ||
	    !take_saslname(s->login, login, loginlen))
		return nonsense(s);
	what = tie(s, &h, text);
	if (what != SASL_KEYS)
		return no(s, what);
	memcpy(s->first, text + h.len, len - h.len);
	s->first[len - h.len] = 0;
	snprintf(s->nonce, sizeof s->nonce, "%.*s%s", (int)noncelen, nonce, s->own);
	if (h.aslen && (!take_saslname(as, h.as, h.aslen) || strcmp(as, s->login) != 0))
		return no(s, SASL_WRONG);
	s->state = SALT;
	return SASL_KEYS;
}

enum sasl_what
sasl_salt(struct sasl *s, char const *salt, size_t len, uint32_t iterations)
{
	char coded[BASE64_SIZE(SASL_SALT_MAX) + 1];

	if (s->state != SALT || len > SASL_SALT_MAX)
		return nonsense(s);
	coded[base64_encode(coded, salt, len)] = 0;
	snprintf(s->ours, sizeof s->ours, "r=%s,s=%s,i=%u", s->nonce, coded, iterations);
	return challenge(s, FINAL, s->ours);
}

/* final - the client's final message: its proof. */
static enum sasl_what
final(struct sasl *s, char const *text, size_t len)
{
	char decoded[BASE64_SIZE(SASL_DIGEST) / 4 * 3];
	char const *bound, *nonce, *proof = 0;
	size_t boundlen, noncelen, prooflen = 0, n;
	struct cursor c = { text, text + len };
	char const *before;

	if (len >= SASL_FINAL_MAX || memchr(text, 0, len) ||
	    !attribute(&c, 'c', &bound, &boundlen) || !attribute(&c, 'r', &nonce, &noncelen))
		return nonsense(s);
	for (before = c.at; c.at < c.end && !attribute(&c, 'p', &proof, &prooflen); before = c.at) {
		char const *const comma = memchr(c.at, ',', (size_t)(c.end - c.at));

		c.at = comma ? comma + 1 : c.end; /* an extension that need not be known */
	}
	if (!proof || c.at != c.end || prooflen != BASE64_SIZE(SASL_DIGEST) ||
	    !base64_decode(decoded, &n, proof, prooflen) || n != SASL_DIGEST ||
	    noncelen != strlen(s->nonce) || memcmp(nonce, s->nonce, noncelen) != 0)
		return nonsense(s);
	if (boundlen != strlen(s->bound) || !scram_is_same(bound, s->bound, boundlen))
		return no(s, SASL_UNBOUND);
	memcpy(s->proof, decoded, SASL_DIGEST);
	s->len = (size_t)snprintf(s->text, sizeof s->text, "%s,%s,%.*s", s->first, s->ours,
	    (int)(before - text - 1), text);
	s->state = SIGNATURE;
	return SASL_PROOF;
}

enum sasl_what
sasl_signature(struct sasl *s, char const signature[SASL_DIGEST])
{
	char text[2 + BASE64_SIZE(SASL_DIGEST) + 1] = "v=";

	if (s->state != SIGNATURE)
		return nonsense(s);
	text[2 + base64_encode(text + 2, signature, SASL_DIGEST)] = 0;
	return challenge(s, LAST, text);
}

/* ---- all of them */

enum sasl_what
sasl_go(struct sasl *s, char const *response, size_t len)
{
	switch (s->state) {
	case MESSAGE: return plain(s, response, len);
	case USERNAME:
		if (!take(s->login, response, len))
			return nonsense(s);
		return challenge(s, PASSWORD, "Password:");
	case PASSWORD:
		s->state = LAST;
		return take(s->password, response, len) ? SASL_CHECK : nonsense(s);
	case FIRST: return first(s, response, len);
	case FINAL: return final(s, response, len);
	case LAST:
		if (s->mechanism >= SCRAM && *s->first && !len) {
			*s->first = 0;
			return SASL_DONE;
		}
		return nonsense(s);
	default: return nonsense(s);
	}
}

static int
mechanism_of(struct sasl const *s, char const *name, int scram)
{
	if (!strcmp(name, "PLAIN"))
		return PLAIN;
	if (!strcmp(name, "LOGIN"))
		return LOGIN;
	if (scram && *s->bindings && !strcmp(name, SASL_PLUS))
		return PLUS;
	return scram && !strcmp(name, SASL_SCRAM) ? SCRAM : 0;
}

enum sasl_what
sasl_begin(struct sasl *s, char const *packet, size_t len, char const *own, int scram)
{
	static enum state const begin[] = {
		[PLAIN] = MESSAGE, [LOGIN] = USERNAME, [SCRAM] = FIRST, [PLUS] = FIRST
	};
	char const *const end = packet + len;
	char const *const binding = len ? memchr(packet, 0, len) : 0;
	char const *const rest = binding ? memchr(binding + 1, 0, (size_t)(end - binding - 1)) : 0;

	explicit_bzero(s, sizeof *s);
	s->state = LAST;
	if (!rest || rest - binding > SASL_BINDINGS_MAX)
		return SASL_NONSENSE;
	memcpy(s->bindings, binding + 1, (size_t)(rest - binding));
	s->mechanism = mechanism_of(s, packet, scram);
	if (!s->mechanism)
		return SASL_UNKNOWN;
	memcpy(s->own, own, SASL_OWN_NONCE);
	s->state = (int)begin[s->mechanism];
	if (end - rest > 1 && rest[1] == '=')
		return sasl_go(s, rest + 2, (size_t)(end - rest - 2));
	return challenge(s, begin[s->mechanism], s->mechanism == LOGIN ? "Username:" : "");
}

int
sasl_is_name(char const *login)
{
	static char const also[] = "._+-=@~#!&^";
	char const *const end = login + strlen(login);
	size_t n;

	if (login == end || *login == '.' || *login == '-')
		return 0;
	for (char const *p = login; p < end; p += n) {
		n = 1;
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		    (*p >= '0' && *p <= '9') || strchr(also, *p))
			continue;
		n = utf8_size(p, end);
		if (!n)
			return 0;
	}
	return 1;
}
