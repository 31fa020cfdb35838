#include "findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <skalibs/stralloc.h>

#define TEXT_MAX 4096 /* octets of one finding; the rest is cut */

static size_t counts[2];
static stralloc said = STRALLOC_ZERO; /* every finding, ended by NUL */

void
findings_print(char const *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
	putchar('\n');
}

/* is_news - whether it was not said before; without memory to remember it, it is. */
static int
is_news(char const *text)
{
	for (size_t at = 0; at < said.len; at += strlen(said.s + at) + 1)
		if (!strcmp(said.s + at, text))
			return 0;
	stralloc_catb(&said, text, strlen(text) + 1);
	return 1;
}

void
findings_add(enum finding kind, char const *format, ...)
{
	char text[TEXT_MAX];
	va_list arguments;
	int n = snprintf(text, sizeof text, "%s: ", kind == FINDING_ERROR ? "error" : "warning");

	va_start(arguments, format);
	vsnprintf(text + n, sizeof text - (size_t)n, format, arguments);
	va_end(arguments);
	if (!is_news(text))
		return;
	counts[kind]++;
	findings_print(text);
}

size_t
findings_count(enum finding kind)
{
	return counts[kind];
}
