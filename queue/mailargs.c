#include "mailargs.h"

#include <string.h>
#include <strings.h>

/* How an option takes its value: it must have one, or has what stands behind it in its word. */
#define TAKES_VALUE "BCDFfhLNOoRrVX"
#define MAY_HAVE    "Abdpq"

static char const *
base_name(char const *path)
{
	char const *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static char const *
set_mode(struct mailargs *a, char const *value)
{
	switch (*value) {
	case 'm': a->mode = MAILARGS_SEND; return 0;
	case 's': a->mode = MAILARGS_SMTP; return 0;
	case 'p': a->mode = MAILARGS_LIST; return 0;
	case 'i': a->mode = MAILARGS_ALIASES; return 0;
	case 'v': a->mode = MAILARGS_VERIFY; return 0;
	case 'd':
	case 'D': return "there is no daemon here: a listener starts smtpd for each connection";
	default: return "there is no such mode: -bm, -bs, -bp, -bi and -bv are known";
	}
}

static char const *
set_notify(struct mailargs *a, char const *value)
{
	static char const *const words[] = { "success", "failure", "delay" };
	char const *s = value;

	a->notify = value;
	if (!strcasecmp(value, "never"))
		return 0;
	for (;;) {
		size_t const len = strcspn(s, ",");
		size_t i = 0;

		while (i < 3 && (strlen(words[i]) != len || strncasecmp(s, words[i], len)))
			i++;
		if (i == 3)
			return "-N wants never, or some of success,failure,delay";
		if (!s[len])
			return 0;
		s += len + 1;
	}
}

static char const *
set_ret(struct mailargs *a, char const *value)
{
	a->ret = value;
	return !strcasecmp(value, "full") || !strcasecmp(value, "hdrs") ? 0
									: "-R wants full or hdrs";
}

/* set - one option with its value; null, or what is wrong. */
static char const *
set(struct mailargs *a, char letter, char const *value)
{
	switch (letter) {
	case 'b': return set_mode(a, value);
	case 'B': a->eightbit = !strcasecmp(value, "8BITMIME"); return 0;
	case 'f':
	case 'r': a->sender = value; return 0;
	case 'F': a->name = value; return 0;
	case 'N': return set_notify(a, value);
	case 'R': return set_ret(a, value);
	case 'V': a->envid = value; return 0;
	case 'o': a->dot_is_text |= *value == 'i'; return 0;
	case 'q': a->mode = MAILARGS_RETRY; return 0;
	case 'i': a->dot_is_text = 1; return 0;
	case 't': a->from_header = 1; return 0;
	case 'G': a->relayed = 1; return 0;
	default: return 0;
	}
}

/* word - the options of one word; *used words of argv were taken. */
static char const *
word(struct mailargs *a, char const *const *argv, size_t *used)
{
	*used = 1;
	for (char const *p = *argv + 1; *p; p++) {
		char const *wrong;

		if (strchr(TAKES_VALUE, *p) && !p[1]) {
			if (!argv[1])
				return "an option lacks its value";
			*used = 2;
			return set(a, *p, argv[1]);
		}
		if (strchr(TAKES_VALUE, *p) || strchr(MAY_HAVE, *p))
			return set(a, *p, p + 1);
		wrong = set(a, *p, "");
		if (wrong)
			return wrong;
	}
	return 0;
}

char const *
mailargs_parse(struct mailargs *a, char const *const *argv)
{
	char const *const called = *argv ? base_name(*argv) : "";

	*a = (struct mailargs){ .mode = MAILARGS_SEND };
	if (!strcmp(called, "mailq"))
		a->mode = MAILARGS_LIST;
	if (!strcmp(called, "newaliases"))
		a->mode = MAILARGS_ALIASES;
	argv += *argv != 0;
	while (*argv && **argv == '-' && (*argv)[1]) {
		size_t used;
		char const *wrong;

		if (!strcmp(*argv, "--")) {
			argv++;
			break;
		}
		wrong = word(a, argv, &used);
		if (wrong)
			return wrong;
		argv += used;
	}
	a->rcpts = argv;
	return 0;
}
