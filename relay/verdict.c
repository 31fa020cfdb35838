#include "verdict.h"

#include <stdarg.h>
#include <stdio.h>

void
verdict_clear(struct verdict *v)
{
	v->rank = VERDICT_NOTHING;
	stream_answer_set(&v->answer, 'Z', "4.4.1", "no host is left to be tried");
}

void
verdict_note(struct verdict *v, enum verdict_rank rank, char const *status, char const *format, ...)
{
	char text[STREAM_TEXT_MAX + 1];
	va_list args;

	if (rank < v->rank)
		return;
	v->rank = rank;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	stream_answer_set(&v->answer, *status, status + 1, text);
}
