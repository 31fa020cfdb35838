/* Any octets as a .qmail file, an extension, and the values that programs get. */

#include <string.h>

#include "../fuzz.h"
#include "qmail.h"

static void
parse(char const *s, size_t len, int forward_only)
{
	struct qmail q = { .lines = GENALLOC_ZERO };
	stralloc text = STRALLOC_ZERO;

	must(stralloc_copyb(&text, s, len));
	if (qmail_parse(&q, &text, forward_only) == 1) {
		struct qmail_line const *line = genalloc_s(struct qmail_line, &q.lines);
		size_t const n = genalloc_len(struct qmail_line, &q.lines);

		must(n <= QMAIL_LINES_MAX && q.files <= QMAIL_FILES_MAX &&
		     n == q.files + q.programs + q.forwards);
		for (size_t i = 0; i < n; i++)
			must(line[i].arg >= text.s &&
			     line[i].arg + strlen(line[i].arg) < text.s + text.len);
	} else {
		must(*q.error);
	}
	genalloc_free(struct qmail_line, &q.lines);
	stralloc_free(&text);
}

static void
names(char const *ext)
{
	char name[QMAIL_NAME_MAX];
	size_t rest;
	int r;

	for (size_t n = 0; (r = qmail_name(name, "-", ext, n, &rest)); n++) {
		must(rest <= strlen(ext));
		must(r == -1 || (!strncmp(name, ".qmail-", 7) && !strchr(name + 7, '/') &&
				    strlen(name) < sizeof name));
	}
}

static void
values(char const *value)
{
	struct qmail_facts const facts = {
		.user = "bob",
		.home = "/home/bob",
		.recipient = value,
		.local = value,
		.host = value,
		.ext = value,
		.rest = value,
		.sender = value,
		.newsender = value,
		.path = "/bin",
		.now = 1795509089,
	};
	stralloc env = STRALLOC_ZERO, line = STRALLOC_ZERO;
	size_t count = qmail_environment(&env, &facts);

	must(count && env.len && !env.s[env.len - 1]);
	for (size_t at = 0; at < env.len; at += strlen(env.s + at) + 1, count--) {
		char const *equal = strchr(env.s + at, '=');

		must(equal && strncmp(equal, "=()", 3) != 0);
		for (char const *p = equal + 1; *p; p++)
			must((unsigned char)*p >= ' ' || (*p == '\n' && !p[1]));
	}
	must(!count);
	must(qmail_return_path(&line, value) && line.len &&
	     memchr(line.s, '\n', line.len) == line.s + line.len - 1);
	line.len = 0;
	must(qmail_from_line(&line, value, facts.now) &&
	     memchr(line.s, '\n', line.len) == line.s + line.len - 1);
	stralloc_free(&env);
	stralloc_free(&line);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char value[600];
	size_t const len = size < sizeof value ? size : sizeof value - 1;

	if (!size)
		return 0;
	parse((char const *)data + 1, size - 1, data[0] & 1);
	memcpy(value, data, len);
	value[len] = 0;
	names(value);
	values(value);
	return 0;
}
