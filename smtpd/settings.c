#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include <skalibs/types.h>

#include "die.h"

/* A number: its file, default and bounds. */
struct number {
	char const *name;
	uint64_t standard, min, max;
};

static uint64_t
number(struct control *c, struct number const *n)
{
	uint64_t value = n->standard;

	if (control_number(c, n->name, &value, n->min, n->max) == -1)
		control_die(c);
	return value;
}

/* line - a one-line setting, or the standard text. */
static void
line(struct control *c, char const *name, stralloc *to, stralloc const *standard)
{
	int const r = control_line(c, name, to);

	if (r == -1)
		control_die(c);
	if (!r && (!stralloc_copy(to, standard) || !stralloc_0(to)))
		die_nomem();
	if (!r)
		to->len--;
}

static int
list(struct control *c, char const *name, stralloc *to)
{
	int const r = control_list(c, name, to, 1);

	if (r == -1)
		control_die(c);
	return r;
}

/* A setting of one of two words; for some clients the environment decides it. */
struct choice {
	char const *name, *env;
	char const *standard, *other;
	char const *remedy;
};

/* choice - whether it is the other word. */
static int
choice(struct control *c, struct choice const *ch)
{
	stralloc text = STRALLOC_ZERO;
	char const *value = getenv(ch->env);
	int r;

	if (value && strcmp(value, ch->standard) && strcmp(value, ch->other))
		die_perm("environment variable ", ch->env, ": ", ch->remedy);
	if (value)
		return !strcmp(value, ch->other);
	r = control_line(c, ch->name, &text);
	if (r == 1 && strcmp(text.s, ch->standard) && strcmp(text.s, ch->other))
		r = control_bad(c, ch->name, ch->remedy);
	if (r == -1)
		control_die(c);
	r = r && !strcmp(text.s, ch->other);
	stralloc_free(&text);
	return r;
}

static struct choice const barelf = { "barelf", "BARELF", "refuse", "convert",
	"not known: write refuse or convert" };
static struct choice const earlytalk = { "earlytalk", "EARLYTALK", "tolerate", "refuse",
	"not known: write tolerate or refuse" };
static struct choice const brackets = { "brackets", "BRACKETS", "strict", "lenient",
	"not known: write strict or lenient" };

/* databytes_of_env - DATABYTES goes before control/databytes, as in qmail. */
static void
databytes_of_env(struct settings *s)
{
	char const *value = getenv("DATABYTES");

	if (value && !uint640_scan(value, &s->databytes))
		die_perm("environment variable DATABYTES is not a number of octets: 0 is no limit");
}

void
settings_read(struct settings *s, struct control *c, int submission)
{
	*s = (struct settings){ .submission = submission };
	if (control_me(c, &s->me) == -1)
		control_die(c);
	line(c, "smtpgreeting", &s->greeting, &s->me);
	line(c, "localiphost", &s->localiphost, &s->me);
	s->has_rcpthosts = list(c, "rcpthosts", &s->rcpthosts);
	list(c, "badmailfrom", &s->badmailfrom);
	s->databytes = number(c, &(struct number){ "databytes", 52428800, 0, UINT64_MAX / 2 });
	databytes_of_env(s);
	s->idle = number(c, &(struct number){ "timeoutsmtpd", 300, 1, 86400 });
	s->total = number(c, &(struct number){ "timeouttransaction", 3600, 1, 604800 });
	s->maxrcpt = number(c, &(struct number){ "maxrcpt", 1000, 1, 100000 });
	s->maxmail = number(c, &(struct number){ "maxmail", 100000, 1, 999999 });
	s->maxhops = number(c, &(struct number){ "maxhops", 100, 1, 1000 });
	s->maxerrors = number(c, &(struct number){ "maxerrors", 20, 1, 1000000 });
	s->convert = choice(c, &barelf);
	s->refuse_early = choice(c, &earlytalk);
	s->lenient = choice(c, &brackets);
	s->relay = getenv("RELAYCLIENT");
	s->auth_in_clear = (int)number(c, &(struct number){ "authinclear", 0, 0, 1 });
	if (!submission)
		return;
	line(c, "defaulthost", &s->defaulthost, &s->me);
	list(c, "senders", &s->senders);
	s->rate = number(c, &(struct number){ "ratesubmission", 0, 0, 1000000 });
	s->hide_client = (int)number(c, &(struct number){ "hideclientip", 0, 0, 1 });
}
