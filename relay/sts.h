#ifndef RELAY_STS_H
#define RELAY_STS_H

/*
 * sts - MTA-STS (RFC 8461): a domain's TXT record, its policy, the file that keeps it, and
 * how relay-connect asks relay-sts to fetch one. No I/O.
 *
 * relay-connect looks the TXT record up and reads CONF_QUEUEDIR/sts/DOMAIN; relay-sts alone
 * fetches and writes. Domains are A-labels in lower case (sts_domain_is_valid), and so
 * names of files.
 *
 * A request on RELAY_STS (hop.h), which many workers share, is one packet: the domain,
 * NUL, the id of its TXT record, NUL; with one descriptor, the writing end of a pipe. It
 * is closed, with nothing written, when the file is up to date or the fetch has failed (then
 * the file's `tried` says so); relay-connect waits STS_WAIT seconds for that and goes on with
 * what the file says. A malformed request is dropped: its descriptor is closed.
 *
 * relay-sts replaces the file as a whole (a new file, then rename). A fetch that failed
 * leaves id, fetched and the policy of the one before as they were, and sets `tried`.
 */

#include <stddef.h>
#include <stdint.h>

#define STS_DOMAIN_MAX   254 /* octets of a domain, NUL included */
#define STS_ID_MAX       33  /* octets of a record's id (RFC 8461 3.1: 32), NUL included */
#define STS_REQUEST_MAX  (STS_DOMAIN_MAX + STS_ID_MAX)
#define STS_POLICY_MAX   65536 /* octets of a policy as it is fetched (RFC 8461 3.3) */
#define STS_FILE_MAX     (STS_POLICY_MAX + 256)
#define STS_PATTERNS_MAX 4096     /* octets of all mx patterns that are kept, each with a NUL */
#define STS_AGE_MAX      31557600 /* seconds that a policy may be kept (RFC 8461 3.2) */
#define STS_WAIT         60       /* seconds that a delivery waits for a fetch (RFC 8461 3.3) */
#define STS_RETRY        300      /* seconds after a fetch that failed until the next (5.1) */

enum sts_mode {
	STS_NONE,    /* as if there were no policy */
	STS_TESTING, /* say what would have failed, and deliver */
	STS_ENFORCE,
};

struct sts_policy {
	enum sts_mode mode;
	uint32_t max_age; /* seconds, cut to STS_AGE_MAX */
	size_t patternslen;
	char patterns[STS_PATTERNS_MAX]; /* in lower case, each ended by NUL */
};

/* sts_domain_is_valid - labels of a-z, 0-9, - and _, at least two: it can be a file's name. */
int sts_domain_is_valid(char const *domain);

/*
 * sts_record - whether a TXT record is one of MTA-STS ("v=STSv1; id=…;"), with its id: 1; 0
 * it is of something else; -1 it begins with v=STSv1 but makes no sense. A domain has a
 * policy only if exactly one record is not of something else (RFC 8461 3.1).
 */
int sts_record(char id[STS_ID_MAX], char const *text, size_t len);

/* sts_policy - read a policy as it was fetched: 1, or 0 if it is none (RFC 8461 3.2). */
int sts_policy(struct sts_policy *p, char const *text, size_t len);

/* sts_matches - whether the policy lets mail go to this host (RFC 8461 4.1). */
int sts_matches(struct sts_policy const *p, char const *host);

/* What CONF_QUEUEDIR/sts/DOMAIN holds. */
struct sts_file {
	char id[STS_ID_MAX]; /* of the TXT record for which the policy was fetched; may be "" */
	uint64_t fetched;    /* when that was; seconds since 1970; 0 never */
	uint64_t tried;      /* when a fetch failed last after that; 0 it did not */
	char const *policy;  /* as it was fetched; inside the text that sts_file_read was given */
	size_t policylen;    /* 0: no policy */
};

/*
 * sts_file_write - the file's octets into to[STS_FILE_MAX]; their number, or 0 if the
 * policy is too long. sts_file_read - 1, or 0 if that is not what such a file holds.
 */
size_t sts_file_write(char *to, struct sts_file const *f);
int sts_file_read(struct sts_file *f, char const *text, size_t len);

/*
 * sts_file_is_valid - whether its policy counts now: fetched, understood, not expired, and
 * not from the future; then 1 and *p.
 */
int sts_file_is_valid(struct sts_file const *f, uint64_t now, struct sts_policy *p);

/*
 * sts_request_write - the packet into to[STS_REQUEST_MAX]; its length. sts_request_read - 1,
 * or 0 if it is not one (both strings then end with NUL and are valid: the id may be empty).
 */
size_t sts_request_write(char *to, char const *domain, char const *id);
int sts_request_read(
    char const *from, size_t len, char domain[STS_DOMAIN_MAX], char id[STS_ID_MAX]);

#endif
