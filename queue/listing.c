#include "listing.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_LISTING 512
#define PAUSE_MAX        32

__attribute__((format(printf, 2, 3))) static int
add(stralloc *to, char const *format, ...)
{
	char text[LINE_MAX_LISTING];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return n >= 0 &&
	       stralloc_catb(to, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

/* add_text - what others wrote, for a terminal: no control octets. */
static int
add_text(stralloc *to, char const *s, size_t len)
{
	if (!stralloc_readyplus(to, len))
		return 0;
	for (size_t i = 0; i < len; i++) {
		unsigned char const c = (unsigned char)s[i];

		to->s[to->len++] = (char)(c < ' ' || c == 127 ? '?' : c);
	}
	return 1;
}

/* span - a time span in its two largest units: "3d4h", "6m40s". */
static char const *
span(char to[PAUSE_MAX], uint64_t seconds)
{
	static struct {
		uint64_t seconds;
		char name;
	} const units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	size_t i = 0;
	uint64_t small;

	while (i < 3 && seconds < units[i].seconds)
		i++;
	small = i < 3 ? seconds % units[i].seconds / units[i + 1].seconds : 0;
	if (small)
		snprintf(to, PAUSE_MAX, "%llu%c%llu%c",
		    (unsigned long long)(seconds / units[i].seconds), units[i].name,
		    (unsigned long long)small, units[i + 1].name);
	else
		snprintf(to, PAUSE_MAX, "%llu%c", (unsigned long long)(seconds / units[i].seconds),
		    units[i].name);
	return to;
}

static char const *
word(struct rcpt const *r)
{
	switch (r->fate) {
	case FATE_DONE: return "done";
	case FATE_DELIVERED: return "delivered"; /* its report is still to be sent */
	case FATE_FAILED: return "failed";
	default: return r->attempts ? "deferred" : "waiting";
	}
}

static int
add_rcpt(stralloc *to, struct job const *job, uint32_t n, uint32_t now)
{
	struct rcpt const *const r = &job->state.rcpt[n];
	char pause[PAUSE_MAX];
	struct frame f;

	job_rcpt(job, n, &f);
	if (!add(to, "    %-9s <", word(r)) || !add_text(to, f.data, strlen(f.data)) ||
	    !add(to, ">"))
		return 0;
	if (r->fate == FATE_WAITING && r->attempts &&
	    !add(to, ", %u attempt%s, next %s%s", r->attempts, r->attempts == 1 ? "" : "s",
		r->next > now ? "in " : "now", r->next > now ? span(pause, r->next - now) : ""))
		return 0;
	if (!add(to, "\n"))
		return 0;
	return r->fate == FATE_DONE || !r->reason ||
	       (add(to, "              ") && add_text(to, r->reason, strlen(r->reason)) &&
		   add(to, "\n"));
}

int
listing_add(stralloc *to, struct job const *job, uint32_t now)
{
	uint64_t const birth = (uint64_t)message_birth(job->time);
	char age[PAUSE_MAX];

	if (!add(to, "%s  %llu octets  %s old  %sfrom <", job->id,
		(unsigned long long)job->where.messagelen, span(age, now > birth ? now - birth : 0),
		job->state.held ? "held  " : "") ||
	    !add_text(to, job->envelope.sender, job->envelope.senderlen) || !add(to, ">\n"))
		return 0;
	for (uint32_t n = 0; n < job->state.rcpts; n++)
		if (!add_rcpt(to, job, n, now))
			return 0;
	return 1;
}
