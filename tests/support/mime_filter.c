/*
 * mime_filter REMOVE PIECE [once] <message: what relay/mime makes of it, read in pieces of so
 * many octets; once: without a plan.
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../relay/mime.h"

#define MESSAGE_MAX 4000000

static struct mime m;
static struct mime_plan plan;
static char in[MESSAGE_MAX];
static size_t inlen;

/* run - the message through m, to stdout. */
static void
run(size_t piece)
{
	static char out[2 * MIME_ROOM];
	size_t used = 0, len;

	while (used < inlen) {
		size_t const n = inlen - used < piece ? inlen - used : piece;

		used += mime_feed(&m, in + used, n, out, sizeof out, &len);
		fwrite(out, 1, len, stdout);
	}
	fwrite(out, 1, mime_finish(&m, out), stdout);
}

int
main(int argc, char **argv)
{
	unsigned int remove;
	size_t piece;

	if (argc < 3)
		errx(100, "usage: mime_filter REMOVE PIECE [once]");
	remove = (unsigned int)strtoul(argv[1], 0, 10);
	piece = strtoul(argv[2], 0, 10);
	inlen = fread(in, 1, sizeof in, stdin);
	mime_survey(&m, &plan);
	run(piece);
	mime_convert(&m, argc > 3 ? 0 : &plan, remove);
	run(piece);
	return fflush(stdout) ? 111 : 0;
}
