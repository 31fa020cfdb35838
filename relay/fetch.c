#include "fetch.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "dial.h"

#define HOST_MAX    (sizeof "mta-sts." + STS_DOMAIN_MAX)
#define URL_MAX     (HOST_MAX + sizeof "https:///.well-known/mta-sts.txt")
#define ADDRESSES   8 /* that are tried */
#define RESOLVE_MAX (HOST_MAX + sizeof ":443:" + ADDRESSES * (INET6_ADDRSTRLEN + sizeof "[],"))

int
fetch_init(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

static int
fail(struct fetch *f, char const *why)
{
	snprintf(f->why, sizeof f->why, "%s", why);
	return 0;
}

/* ---- where it is */

/* add_addresses - as CURLOPT_RESOLVE wants them, to to[*len..RESOLVE_MAX). */
static void
add_addresses(char *to, size_t *len, struct answers const *a, int family, size_t max)
{
	for (size_t i = 0; i < a->count && i < max; i++) {
		char text[INET6_ADDRSTRLEN];
		int n;

		if (!inet_ntop(family, answers_data(a, i), text, sizeof text))
			continue;
		n = snprintf(
		    to + *len, RESOLVE_MAX - *len, family == AF_INET6 ? "[%s]," : "%s,", text);
		if (n > 0 && (size_t)n < RESOLVE_MAX - *len)
			*len += (size_t)n;
	}
	to[*len] = 0;
}

/* resolve - "HOST:443:ADDRESS,…": 1, or 0 and why. */
static int
resolve(struct fetch *f, char const *host, char to[RESOLVE_MAX])
{
	static struct answers six, four;
	struct lookup_question q[] = {
		{ .name = host, .type = ANSWERS_AAAA, .answers = &six },
		{ .name = host, .type = ANSWERS_A, .answers = &four },
	};
	size_t const head = (size_t)snprintf(to, RESOLVE_MAX, "%s:443:", host);
	size_t len = head;

	lookup_ask(&f->lookup, q, 2);
	add_addresses(to, &len, &six, AF_INET6, ADDRESSES / 2);
	add_addresses(to, &len, &four, AF_INET, ADDRESSES / 2);
	if (len == head)
		return fail(f, "its policy host has no address in DNS");
	to[len - 1] = 0; /* the last comma */
	return 1;
}

/* ---- what is there */

/* take - libcurl has octets of the policy: all are taken, or the transfer ends. */
static size_t
take(char *data, size_t size, size_t count, void *context)
{
	struct fetch *const f = context;
	size_t const len = size * count;

	if (len > sizeof f->text - f->len) {
		fail(f, "it is too large");
		return 0;
	}
	memcpy(f->text + f->len, data, len);
	f->len += len;
	return len;
}

/* is_plain - whether a content type is text/plain, with or without parameters. */
static int
is_plain(char const *type)
{
	static char const plain[] = "text/plain";
	size_t const len = sizeof plain - 1;

	return type && !strncasecmp(type, plain, len) && (!type[len] || strchr("; \t", type[len]));
}

/* judge - the reply that came: 1, or 0 and why it is no policy. */
static int
judge(struct fetch *f, CURL *curl)
{
	char const *type = 0;
	long code = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	if (code != 200) {
		snprintf(f->why, sizeof f->why, "its policy host answers %ld", code);
		return 0;
	}
	if (!is_plain(type))
		return fail(f, "its content type is not text/plain");
	return 1;
}

/* set_trust - whom to believe: the names of the certificate, and who signed it. */
static int
set_trust(struct fetch *f, CURL *curl)
{
	struct curl_blob const authorities = { (void *)f->authorities, f->authoritieslen,
		CURL_BLOB_NOCOPY };

	return !curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &authorities) &&
	       !curl_easy_setopt(curl, CURLOPT_CAPATH, (char *)0) &&
	       !curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) &&
	       !curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) &&
	       !curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

/* set_limits - one request over HTTPS, and nothing that a reply may lead to. */
static int
set_limits(struct fetch *f, CURL *curl, int64_t ms)
{
	return !curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https") &&
	       !curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) &&
	       !curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
	       !curl_easy_setopt(curl, CURLOPT_PROXY, "") &&
	       !curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) &&
	       !curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) &&
	       !curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)ms) &&
	       !curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) &&
	       !curl_easy_setopt(curl, CURLOPT_WRITEDATA, f);
}

static int
transfer(struct fetch *f, CURL *curl, int64_t until)
{
	char error[CURL_ERROR_SIZE] = "";
	int64_t const left = until - dial_now();
	CURLcode code;

	if (left <= 0)
		return fail(f, "it was not there in time");
	if (!set_trust(f, curl) || !set_limits(f, curl, left) ||
	    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error))
		return fail(f, "libcurl lacks an option");
	code = curl_easy_perform(curl);
	if (code == CURLE_OK)
		return judge(f, curl);
	return *f->why ? 0 : fail(f, *error ? error : curl_easy_strerror(code));
}

int
fetch_policy(struct fetch *f, char const *domain)
{
	int64_t const until = dial_now() + FETCH_SECONDS * 1000;
	char host[HOST_MAX], url[URL_MAX], where[RESOLVE_MAX];
	struct curl_slist *resolved;
	CURL *curl;
	int ok;

	f->len = 0;
	*f->why = 0;
	snprintf(host, sizeof host, "mta-sts.%s", domain);
	snprintf(url, sizeof url, "https://%s/.well-known/mta-sts.txt", host);
	if (!resolve(f, host, where))
		return 0;
	curl = curl_easy_init();
	resolved = curl_slist_append(0, where);
	ok = curl && resolved && !curl_easy_setopt(curl, CURLOPT_URL, url) &&
	     !curl_easy_setopt(curl, CURLOPT_RESOLVE, resolved);
	ok = ok ? transfer(f, curl, until) : fail(f, "there is no memory for it");
	curl_easy_cleanup(curl);
	curl_slist_free_all(resolved);
	return ok;
}
