#include "scram.h"

#include <stdio.h>
#include <string.h>

#include <skalibs/sha256.h>

#include "base64.h"

#define BLOCK 64 /* octets that SHA-256 takes at once */

/* A key that is begun with: HMAC (RFC 2104) of many texts costs no more for it. */
struct key {
	SHA256Schedule inner, outer;
};

static void
key_begin(struct key *k, char const *secret, size_t len)
{
	char pad[BLOCK] = { 0 };

	if (len > BLOCK) {
		sha256_init(&k->inner);
		sha256_update(&k->inner, secret, len);
		sha256_final(&k->inner, pad);
	} else {
		memcpy(pad, secret, len);
	}
	for (size_t i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36;
	sha256_init(&k->inner);
	sha256_update(&k->inner, pad, BLOCK);
	for (size_t i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	sha256_init(&k->outer);
	sha256_update(&k->outer, pad, BLOCK);
	explicit_bzero(pad, sizeof pad);
}

/* sign - the HMAC of two texts, one behind the other. */
static void
sign(struct key const *k, char const *text, size_t len, char const *more, size_t morelen,
    char to[SCRAM_DIGEST])
{
	SHA256Schedule s = k->inner;

	sha256_update(&s, text, len);
	sha256_update(&s, more, morelen);
	sha256_final(&s, to);
	s = k->outer;
	sha256_update(&s, to, SCRAM_DIGEST);
	sha256_final(&s, to);
	explicit_bzero(&s, sizeof s);
}

static void
hmac(char const *secret, size_t secretlen, char const *text, size_t len, char to[SCRAM_DIGEST])
{
	struct key k;

	key_begin(&k, secret, secretlen);
	sign(&k, text, len, "", 0, to);
	explicit_bzero(&k, sizeof k);
}

static void
hash(char const *text, size_t len, char to[SCRAM_DIGEST])
{
	SHA256Schedule s;

	sha256_init(&s);
	sha256_update(&s, text, len);
	sha256_final(&s, to);
	explicit_bzero(&s, sizeof s);
}

void
scram_derive(struct scram *s, char const *password)
{
	static char const one[4] = { 0, 0, 0, 1 };
	char last[SCRAM_DIGEST], salted[SCRAM_DIGEST];
	struct key k;

	key_begin(&k, password, strlen(password));
	sign(&k, s->salt, s->saltlen, one, sizeof one, last);
	memcpy(salted, last, SCRAM_DIGEST);
	for (uint32_t i = 1; i < s->iterations; i++) {
		sign(&k, last, SCRAM_DIGEST, "", 0, last);
		for (size_t j = 0; j < SCRAM_DIGEST; j++)
			salted[j] ^= last[j];
	}
	hmac(salted, SCRAM_DIGEST, "Client Key", 10, last);
	hash(last, SCRAM_DIGEST, s->stored);
	hmac(salted, SCRAM_DIGEST, "Server Key", 10, s->server);
	explicit_bzero(&k, sizeof k);
	explicit_bzero(last, sizeof last);
	explicit_bzero(salted, sizeof salted);
}

int
scram_is_same(char const *a, char const *b, size_t len)
{
	unsigned char volatile differ = 0;

	for (size_t i = 0; i < len; i++)
		differ = (unsigned char)(differ | (a[i] ^ b[i]));
	return !differ;
}

int
scram_is_proof(struct scram const *s, char const *text, size_t len, char const proof[SCRAM_DIGEST],
    char signature[SCRAM_DIGEST])
{
	char key[SCRAM_DIGEST];
	int same;

	hmac(s->stored, SCRAM_DIGEST, text, len, key);
	for (size_t i = 0; i < SCRAM_DIGEST; i++)
		key[i] ^= proof[i];
	hash(key, SCRAM_DIGEST, key);
	same = scram_is_same(key, s->stored, SCRAM_DIGEST);
	hmac(s->server, SCRAM_DIGEST, text, len, signature);
	explicit_bzero(key, sizeof key);
	return same;
}

void
scram_invent(struct scram *s, char const *name, char const *secret, size_t secretlen)
{
	char digest[SCRAM_DIGEST];

	hmac(secret, secretlen, name, strlen(name), digest);
	memset(s, 0, sizeof *s);
	memcpy(s->salt, digest, SCRAM_SALT);
	s->saltlen = SCRAM_SALT;
	s->iterations = SCRAM_ITERATIONS;
}

/* ---- as text */

static int
iterations(uint32_t *to, char const *text, size_t len)
{
	uint32_t n = 0;

	if (!len || len > 8)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		n = n * 10 + (uint32_t)(text[i] - '0');
	}
	*to = n;
	return n >= SCRAM_ITERATIONS_MIN && n <= SCRAM_ITERATIONS_MAX;
}

/* octets - base64 for at most max octets, of which there are *n. */
static int
octets(char *to, size_t max, size_t *n, char const *text, size_t len)
{
	char decoded[SCRAM_SALT_MAX + 3];

	if (len > BASE64_SIZE(max) || !base64_decode(decoded, n, text, len) || *n > max)
		return 0;
	memcpy(to, decoded, *n);
	return 1;
}

int
scram_parse(struct scram *s, char const *text, size_t len)
{
	char const *field[4];
	size_t fieldlen[4], n;
	size_t const scheme = sizeof SCRAM_SCHEME - 1;
	char const *const end = text + len;

	if (len < scheme || memcmp(text, SCRAM_SCHEME, scheme) != 0)
		return 0;
	text += scheme;
	for (size_t i = 0; i < 4; i++) {
		char const *const comma = memchr(text, ',', (size_t)(end - text));

		if (!comma != (i == 3))
			return 0;
		field[i] = text;
		fieldlen[i] = (size_t)((comma ? comma : end) - text);
		text += fieldlen[i] + 1;
	}
	return iterations(&s->iterations, field[0], fieldlen[0]) &&
	       octets(s->salt, SCRAM_SALT_MAX, &s->saltlen, field[1], fieldlen[1]) &&
	       octets(s->stored, SCRAM_DIGEST, &n, field[2], fieldlen[2]) && n == SCRAM_DIGEST &&
	       octets(s->server, SCRAM_DIGEST, &n, field[3], fieldlen[3]) && n == SCRAM_DIGEST;
}

void
scram_format(char *to, struct scram const *s)
{
	to += snprintf(to, SCRAM_TEXT_MAX, SCRAM_SCHEME "%u,", s->iterations);
	to += base64_encode(to, s->salt, s->saltlen);
	*to++ = ',';
	to += base64_encode(to, s->stored, SCRAM_DIGEST);
	*to++ = ',';
	to += base64_encode(to, s->server, SCRAM_DIGEST);
	*to = 0;
}
