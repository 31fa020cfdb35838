/* inspect_settings - the files in control/, each by itself; see inspect.h */

#include "inspect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "address.h"
#include "config.h"
#include "findings.h"
#include "known.h"
#include "smtproutes.h"
#include "sort.h"

#define WRITABLE (S_IWGRP | S_IWOTH)

static int
is_secret(char const *name)
{
	struct known const *const k = known_find(name);

	return (k && k->kind == KNOWN_LOGINS) || known_is_secret(name);
}

static void
inspect_secret(struct control const *c, char const *name, struct stat const *st)
{
	if (!(st->st_mode & S_IROTH) || S_ISDIR(st->st_mode))
		return;
	if (known_is_secret(name))
		findings_add(FINDING_ERROR,
		    "%s/control/%s: holds secrets, and everybody can read it: chmod o-rwx it",
		    c->confdir, name);
	else
		findings_add(FINDING_ERROR,
		    "%s/control/%s: holds passwords, and everybody can read it: chown root:%s and "
		    "chmod 640 it",
		    c->confdir, name, CONF_USER_RELAY);
}

/* inspect_mode - who may change the settings may send mail anywhere; smtpd must read them. */
static void
inspect_mode(struct control const *c, char const *name)
{
	struct stat st;

	if (fstatat(c->dir, name, &st, 0) == -1)
		findings_add(FINDING_ERROR, "%s/control/%s: cannot be looked at: %s", c->confdir,
		    name, strerrordesc_np(errno));
	else if (st.st_mode & WRITABLE)
		findings_add(FINDING_ERROR,
		    "%s/control/%s: may be written to by others than its owner: chmod go-w it",
		    c->confdir, name);
	else if (is_secret(name))
		inspect_secret(c, name, &st);
	else if (!(st.st_mode & S_IROTH))
		findings_add(FINDING_ERROR,
		    "%s/control/%s: cannot be read by the users that programs become: chmod o+r it",
		    c->confdir, name);
}

static int
is_choice(struct known const *k, char const *word)
{
	size_t const len = strlen(word);
	char const *s = k->choices;

	while (*s) {
		size_t const n = strcspn(s, " ");

		if (n == len && !memcmp(s, word, n))
			return 1;
		s += n + (s[n] == ' ');
	}
	return 0;
}

/* is_instruction - a bare word would be an address, which nobody means here. */
static int
is_instruction(char const *s)
{
	return !strncmp(s, "./", 2) || (*s && strchr("/|&", *s));
}

/* check_line - a one-line setting that is there: -1 with c->error if it is wrong. */
static int
check_line(struct control *c, struct known const *k, stralloc const *value)
{
	struct address a;
	char text[256];

	switch (k->kind) {
	case KNOWN_HOST:
		return address_domain_is_valid(value->s, value->len, 0, 0)
			   ? 1
			   : control_bad(c, k->name,
				 "is no host name: write one, such as mail.example.org");
	case KNOWN_CHOICE:
		snprintf(text, sizeof text,
		    "is not one of the words that can be here: write one of: %s", k->choices);
		return is_choice(k, value->s) ? 1 : control_bad(c, k->name, text);
	case KNOWN_MAILBOX_OR_NONE:
		if (!value->len)
			return 1;
		/* fall through */
	case KNOWN_MAILBOX:
		return address_parse(&a, value->s, value->len, ADDRESS_NO_DOMAIN_OK) == ADDRESS_OK
			   ? 1
			   : control_bad(
				 c, k->name, "is no mail address: write one, such as postmaster");
	case KNOWN_DELIVERY:
		return is_instruction(value->s)
			   ? 1
			   : control_bad(c, k->name,
				 "does not begin with ./, /, | or &: write what a .qmail "
				 "file would say, such as ./Maildir/");
	case KNOWN_PATH:
		return *value->s == '/'
			   ? 1
			   : control_bad(c, k->name, "is no absolute path: begin it with a /");
	default: return 1;
	}
}

/* wrong_words - whether it is not: host user password. */
static int
wrong_words(char const *entry)
{
	char const *const user = entry + strcspn(entry, " \t");
	char const *const name = user + strspn(user, " \t");
	char const *const password = name + strcspn(name, " \t");

	return !password[strspn(password, " \t")];
}

/* wrong_route - what is wrong with an entry of smtproutes or tlsroutes, or null. */
static char const *
wrong_route(enum known_kind kind, char const *entry, size_t len)
{
	struct smtproute route;
	int level;

	return kind == KNOWN_ROUTES ? smtproutes_parse(&route, entry, len)
				    : tlsroutes_parse(&route, &level, entry, len);
}

/* wrong_permit - "login:address", "login:@domain" or "login:*". */
static char const *
wrong_permit(char const *entry)
{
	char const *const colon = strrchr(entry, ':');
	struct address a;

	if (!colon || colon == entry)
		return "has no login and colon: write login:address";
	if (!strcmp(colon + 1, "*") ||
	    (colon[1] == '@' && address_domain_is_valid(colon + 2, strlen(colon + 2), 1, 1)) ||
	    address_parse(&a, colon + 1, strlen(colon + 1), ADDRESS_UTF8_OK) == ADDRESS_OK)
		return 0;
	return "has no address behind its colon: write login:address, login:@domain or login:*";
}

/* wrong_entry - what is wrong with one of a list, or null. */
static char const *
wrong_entry(enum known_kind kind, char const *entry, size_t len)
{
	char const *at = memrchr(entry, '@', len);
	size_t const dot = *entry == '.';

	unsigned char ip[16];

	if (kind == KNOWN_ROUTES || kind == KNOWN_LEVELS)
		return wrong_route(kind, entry, len);
	if (kind == KNOWN_LOGINS)
		return wrong_words(entry) ? "is not: host user password" : 0;
	if (kind == KNOWN_ADDRESSES)
		return inet_pton(AF_INET, entry, ip) == 1 || inet_pton(AF_INET6, entry, ip) == 1
			   ? 0
			   : "is no IP address: write one, such as 192.0.2.1";
	if (kind == KNOWN_PERMITS)
		return wrong_permit(entry);
	if (kind == KNOWN_DOMAINS) {
		if (at)
			return "holds an @: write domains or .suffixes, not addresses";
		if (!address_domain_is_valid(entry + dot, len - dot, 1, 1))
			return "is no domain: write a domain or a .suffix";
		return 0;
	}
	if (!at || !address_domain_is_valid(at + 1, len - (size_t)(at - entry) - 1, 1, 1))
		return "is no sender: write user@domain, or @domain for all of a domain";
	return 0;
}

static int
check_list(struct control *c, struct known const *k, stralloc const *list)
{
	char const *entry, *wrong;
	size_t len, pos = 0;

	for (size_t i = 0; (entry = control_next(list, &pos, &len)); i++) {
		wrong = wrong_entry(k->kind, entry, len);
		if (wrong)
			return control_bad_entry(c, k->name, i, wrong);
	}
	return 1;
}

static int
check(struct control *c, struct known const *k)
{
	stralloc value = STRALLOC_ZERO;
	uint64_t number;
	int r = 1;

	switch (k->kind) {
	case KNOWN_NUMBER: r = control_number(c, k->name, &number, k->min, k->max); break;
	case KNOWN_RECIPIENTS: break; /* recipient_open says it better */
	case KNOWN_DOMAINS:
	case KNOWN_SENDERS:
	case KNOWN_ROUTES:
	case KNOWN_LEVELS:
	case KNOWN_ADDRESSES:
	case KNOWN_LOGINS:
	case KNOWN_PERMITS:
		r = control_list(c, k->name, &value, 1);
		if (r == 1)
			r = check_list(c, k, &value);
		break;
	default:
		r = strcmp(k->name, "me") ? control_line(c, k->name, &value)
					  : control_me(c, &value);
		if (r == 1)
			r = check_line(c, k, &value);
		break;
	}
	stralloc_free(&value);
	return r;
}

static int
compare(void const *a, void const *b, void *unused)
{
	(void)unused;
	return strcmp(*(char const *const *)a, *(char const *const *)b);
}

/* inspect_names - which files there are, in the order of their names. */
static void
inspect_names(struct control *c)
{
	char const *name[sizeof c->names / 2];
	size_t n = 0;

	for (size_t i = 0; i < c->nameslen; i += strlen(c->names + i) + 1)
		name[n++] = c->names + i;
	sort_items(name, n, sizeof *name, compare, 0);
	for (size_t i = 0; i < n; i++)
		if (known_find(name[i]) || known_is_secret(name[i]))
			inspect_mode(c, name[i]);
		else
			findings_add(FINDING_WARNING,
			    "%s/control/%s: no program reads it: look for its right name in control(5)",
			    c->confdir, name[i]);
}

void
inspect_settings(struct control *c)
{
	inspect_mode(c, ".");
	inspect_names(c);
	for (size_t i = 0; i < known_count; i++)
		if (check(c, known + i) == -1)
			findings_add(FINDING_ERROR, "%s", c->error);
}
