#include "findings.h"

#include <stdarg.h>
#include <stdio.h>

#define TEXT_MAX 4096 /* octets of one finding; the rest is cut */

static size_t counts[2];

void
findings_print(char const *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
	putchar('\n');
}

void
findings_add(enum finding kind, char const *format, ...)
{
	char text[TEXT_MAX];
	va_list arguments;
	int n = snprintf(text, sizeof text, "%s: ", kind == FINDING_ERROR ? "error" : "warning");

	counts[kind]++;
	va_start(arguments, format);
	vsnprintf(text + n, sizeof text - (size_t)n, format, arguments);
	va_end(arguments);
	findings_print(text);
}

size_t
findings_count(enum finding kind)
{
	return counts[kind];
}
