#include "keeper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/types.h>

#include "attempt.h"
#include "auth.h"
#include "backend.h"
#include "die.h"
#include "log.h"
#include "parser.h"
#include "sasl.h"
#include "stream.h"

#define DELAY_MAX  16 /* seconds */
#define USER_TIMES 5  /* failures of a user that are borne, in those of an address */
#define WITH_KEYS  SASL_PLUS " " SASL_SCRAM " " SASL_MECHANISMS

static char packet[AUTH_PACKET_MAX];

void
keeper_network(char to[CLIENT_IP_MAX], char const *ip)
{
	struct in6_addr a;

	snprintf(to, CLIENT_IP_MAX, "%s", ip);
	if (inet_pton(AF_INET6, ip, &a) == 1) {
		memset(a.s6_addr + 8, 0, 8);
		inet_ntop(AF_INET6, &a, to, CLIENT_IP_MAX);
	}
}

unsigned int
keeper_delay(uint64_t failures)
{
	return failures > 4 ? DELAY_MAX : failures ? 1U << (failures - 1) : 0;
}

static uint64_t
now(void)
{
	return (uint64_t)time(0);
}

/* ---- what is said to smtpd, and to the log */

static void
tell(char const *text, size_t len)
{
	ssize_t n;

	do
		n = send(KEEPER_FD, text, len, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EPIPE)
		_exit(EXIT_DONE); /* smtpd is gone: so shall we be */
	if (n == -1)
		die_temp("answer smtpd"); /* which would wait for it */
}

static void
answer(char code, char const *status, char const *text)
{
	char out[STREAM_ANSWER_MAX];
	struct answer a = { 0 };

	stream_answer_set(&a, code, status, text);
	tell(out, stream_answer_fmt(out, &a));
}

static void
note(struct keeper const *k, char const *result, char const *why)
{
	log_begin("auth");
	log_str("result", result);
	log_str("ip", k->ip);
	log_str("user", k->login);
	log_str("mechanism", k->mechanism);
	if (why)
		log_str("reason", why);
	log_end();
}

/* ---- the end of an attempt */

static void
over(struct keeper *k)
{
	if (k->parser)
		parser_end(k->parser);
	k->parser = 0;
	k->proof = KEEPER_NO_PROOF;
	explicit_bzero(&k->scram, sizeof k->scram);
}

static void
trouble(struct keeper *k, char const *why)
{
	over(k);
	note(k, "trouble", why);
	answer('Z', "4.7.0", "Authentication is not possible now, try again later");
}

/* limited - too many failures lately. */
static void
limited(struct keeper *k, char const *whose)
{
	over(k);
	note(k, "limited", whose);
	answer('Z', "4.7.0", "Too many failed attempts, try again later");
}

/* pause_for - the answer takes its time, unless nobody waits for it any more. */
static void
pause_for(unsigned int seconds)
{
	struct pollfd x = { .fd = KEEPER_FD, .events = 0 };

	poll(&x, 1, (int)seconds * 1000);
}

/* wrong - the failures were counted by charge. */
static void
wrong(struct keeper *k, uint64_t failures)
{
	over(k);
	note(k, "failure", 0);
	k->failed++;
	pause_for(keeper_delay(failures > k->failed ? failures : k->failed));
	answer('D', "5.7.8", "Authentication credentials invalid");
}

/* key_of - a login for the tally: letters of ASCII alike, with an address behind it or not. */
static char const *
key_of(struct keeper const *k, int pair)
{
	static char key[sizeof k->login + CLIENT_IP_MAX + 1];

	snprintf(key, sizeof key, "%s%s%s", k->login, pair ? " " : "", pair ? k->network : "");
	for (char *p = key; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p | 0x20);
	return key;
}

/*
 * charge - count a failure before it is known to be one, so that attempts side by side count,
 * too. A user who logged in from there lately is not kept out by what others try.
 */
static int
charge(struct keeper *k, uint64_t *failures)
{
	uint64_t const t = now();
	uint64_t user;

	*failures = tally_fail(&k->tally, TALLY_ADDRESS, k->network, t);
	user = tally_fail(&k->tally, TALLY_USER, key_of(k, 0), t);
	if (*failures > k->most)
		limited(k, "address");
	else if (user > k->most * USER_TIMES && !tally_known(&k->tally, key_of(k, 1), t))
		limited(k, "user");
	else
		return 1;
	tally_forgive(&k->tally, TALLY_ADDRESS, k->network, t);
	tally_forgive(&k->tally, TALLY_USER, key_of(k, 0), t);
	return 0;
}

static void
forgive(struct keeper *k)
{
	uint64_t const t = now();

	tally_forgive(&k->tally, TALLY_ADDRESS, k->network, t);
	tally_forgive(&k->tally, TALLY_USER, key_of(k, 0), t);
}

static void
right(struct keeper *k)
{
	uint64_t const t = now();

	over(k);
	k->failed = 0;
	if (!tally_known(&k->tally, key_of(k, 1), t + TALLY_KNOWN / 2))
		tally_know(&k->tally, key_of(k, 1), t);
	memcpy(k->user, k->login, sizeof k->user);
	answer('K', "2.7.0", k->user);
}

/* ---- what the parser wants */

static int
keep_login(struct keeper *k, char const *login)
{
	size_t const len = strnlen(login, sizeof k->login - 1);

	memcpy(k->login, login, len);
	k->login[len] = 0;
	return !login[len] && sasl_is_name(k->login);
}

static void
conclude(struct keeper *k, enum attempt_result result, char const *why, uint64_t failures)
{
	if (result != ATTEMPT_WRONG)
		forgive(k);
	switch (result) {
	case ATTEMPT_RIGHT: right(k); break;
	case ATTEMPT_WRONG: wrong(k, failures); break;
	default: trouble(k, why);
	}
}

/* check - login and password, each NUL-ended: the parser has no more say in it. */
static void
check(struct keeper *k, char *text, size_t len)
{
	size_t const login = strnlen(text, len) + 1;
	enum attempt_result result = ATTEMPT_WRONG;
	char const *why = "";
	uint64_t failures;
	int named;

	if (login > SASL_NAME_MAX || login >= len || text[len - 1] ||
	    strlen(text + login) + 1 != len - login || len - login > SASL_NAME_MAX) {
		trouble(k, "a packet is wrong");
		return;
	}
	named = keep_login(k, text);
	if (!charge(k, &failures))
		return;
	if (named)
		result = backend_check(k, text + login, &why);
	explicit_bzero(text, len);
	conclude(k, result, why, failures);
}

static void
nonsense(struct keeper *k, char const *status, char const *text)
{
	over(k);
	answer('D', status, text);
}

/* refuse - no password was even looked at. */
static void
refuse(struct keeper *k, char const *login)
{
	uint64_t failures;

	keep_login(k, login);
	if (charge(k, &failures))
		wrong(k, failures);
}

/*
 * unbound - by RFC 5802 6 that attempt fails, whatever the password. It is none of the failures
 * that are counted: nothing was learnt of a password, and mail programs may come with it daily.
 */
static void
unbound(struct keeper *k, char const *login, char const *why)
{
	over(k);
	keep_login(k, login);
	note(k, "unbound", why);
	answer('D', "5.7.8", why);
}

/* keys - of SCRAM, for the login that is said, once an attempt: the parser gets the salt. */
static size_t
keys(struct keeper *k, char const *login)
{
	char const *why = "a packet is wrong";
	int r = -1, n;

	if (k->proof == KEEPER_NO_PROOF && k->keys) {
		int const named = keep_login(k, login);

		r = backend_keys(k, &why);
		k->known = r == 1 && named;
		k->proof = KEEPER_ASKED;
	}
	if (r == -1) {
		trouble(k, why);
		return 0;
	}
	n = snprintf(packet, sizeof packet, "%c%u", PARSER_SALT, k->scram.iterations) + 1;
	memcpy(packet + n, k->scram.salt, k->scram.saltlen);
	return (size_t)n + k->scram.saltlen;
}

/* proof - and the text that it is of. */
static size_t
proof(struct keeper *k, char const *said, size_t len)
{
	char signature[SCRAM_DIGEST];
	uint64_t failures;

	if (k->proof != KEEPER_ASKED || len < SCRAM_DIGEST) {
		trouble(k, "a packet is wrong");
		return 0;
	}
	if (!charge(k, &failures))
		return 0;
	if (!scram_is_proof(&k->scram, said + SCRAM_DIGEST, len - SCRAM_DIGEST, said, signature) ||
	    !k->known) {
		wrong(k, failures);
		return 0;
	}
	forgive(k);
	k->proof = KEEPER_PROVED;
	*packet = PARSER_SIGNED;
	memcpy(packet + 1, signature, SCRAM_DIGEST);
	return 1 + SCRAM_DIGEST;
}

static void
done(struct keeper *k)
{
	if (k->proof == KEEPER_PROVED)
		right(k);
	else
		trouble(k, "a packet is wrong");
}

/* obey - what the parser says of its step: octets of packet that are its next one; or 0. */
static size_t
obey(struct keeper *k, char *said, size_t len)
{
	said[len] = 0;
	switch (*said) {
	case PARSER_CHALLENGE: tell(said, len); break;
	case PARSER_CHECK: check(k, said + 1, len - 1); break;
	case PARSER_KEYS: return keys(k, said + 1);
	case PARSER_PROOF: return proof(k, said + 1, len - 1);
	case PARSER_DONE: done(k); break;
	case PARSER_WRONG: refuse(k, said + 1); break;
	case PARSER_DOWNGRADED:
		unbound(k, said + 1, "The client was told that channel binding is not offered");
		break;
	case PARSER_TYPELESS: unbound(k, said + 1, "No channel binding of that type here"); break;
	case PARSER_UNBOUND:
		unbound(k, said + 1, "The channel binding is not this connection's");
		break;
	case PARSER_NONSENSE: nonsense(k, "5.5.2", "That is not what the mechanism says"); break;
	case PARSER_UNKNOWN: nonsense(k, "5.5.4", "No such mechanism here"); break;
	default: trouble(k, "the process that reads SASL said something strange");
	}
	return 0;
}

/* hear - a packet of the parser's, into said[AUTH_PACKET_MAX + 1]: its length, or 0. */
static size_t
hear(char *said)
{
	ssize_t n;

	do
		n = recv(PARSER_FD, said, AUTH_PACKET_MAX, 0);
	while (n == -1 && errno == EINTR);
	return n > 0 ? (size_t)n : 0;
}

/* converse - hand the parser a packet, and do what it wants. */
static void
converse(struct keeper *k, size_t len)
{
	static char said[AUTH_PACKET_MAX + 1];
	size_t n;

	do {
		n = send(PARSER_FD, packet, len, MSG_NOSIGNAL) == -1 ? 0 : hear(said);
		explicit_bzero(packet, sizeof packet);
		if (!n)
			trouble(k, "the process that reads SASL is gone");
	} while (n && (len = obey(k, said, n)));
	explicit_bzero(said, sizeof said);
}

/* ---- what smtpd wants */

static void
begin(struct keeper *k, size_t len)
{
	over(k);
	*k->login = *k->user = 0;
	snprintf(k->mechanism, sizeof k->mechanism, "%.*s", (int)strnlen(packet + 1, len - 1),
	    packet + 1);
	if (tally_failures(&k->tally, TALLY_ADDRESS, k->network, now()) >= k->most) {
		limited(k, "address");
		return;
	}
	k->parser = parser_start(k->keys != 0);
	if (k->parser == -1) {
		k->parser = 0;
		trouble(k, strerrordesc_np(errno));
		return;
	}
	converse(k, len);
}

static void
go(struct keeper *k, size_t len)
{
	if (k->parser)
		converse(k, len);
	else
		answer('D', "5.5.2", "Nothing was begun");
}

static void
ticket(struct keeper *k, size_t len)
{
	uint64_t count;

	packet[len < 21 ? len : 21] = 0;
	memcpy(k->login, k->user, sizeof k->login);
	if (!*k->user || !uint640_scan(packet + 1, &count))
		answer('Z', "4.3.0", "That cannot be counted");
	else if (tally_send(&k->tally, key_of(k, 0), now(), k->rate, count))
		answer('K', "2.0.0", "ok");
	else
		answer('Z', "4.7.1", "Too many recipients in the last hour, try again later");
}

void
keeper_serve(struct keeper *k)
{
	ssize_t n;

	for (;;) {
		do
			n = recv(KEEPER_FD, packet, sizeof packet, 0);
		while (n == -1 && errno == EINTR);
		if (n <= 0)
			break;
		switch (*packet) {
		case AUTH_LIST: answer('K', "2.0.0", k->keys ? WITH_KEYS : SASL_MECHANISMS); break;
		case AUTH_BEGIN: begin(k, (size_t)n); break;
		case AUTH_GO: go(k, (size_t)n); break;
		case AUTH_TICKET: ticket(k, (size_t)n); break;
		default: over(k);
		}
		explicit_bzero(packet, (size_t)n);
	}
	over(k);
}
