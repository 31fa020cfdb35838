#include "exits.h"

#include <string.h>
#include <sys/wait.h>

#define NO_REASON "the message was refused, without a reason"

static struct meaning {
	int code;
	char answer;
	char const *status; /* RFC 3463 */
	char const *text;
} const meanings[] = {
	{ EXITS_QUEUED, 'K', "2.0.0", "ok" },
	{ EXITS_ADDRESS, 'D', "5.1.3", "an envelope address is too long or not valid" },
	{ EXITS_ADDRESS_OLD, 'D', "5.1.3", "an envelope address is too long or not valid" },
	{ EXITS_REFUSED, 'D', "5.3.0", "the mail server refuses this message" },
	{ EXITS_NO_MEMORY, 'Z', "4.3.0", "out of memory" },
	{ EXITS_TIMEOUT, 'Z', "4.3.0", "the message took too long" },
	{ EXITS_WRITE, 'Z', "4.3.1", "write error or no room for the message" },
	{ EXITS_READ, 'Z', "4.3.0", "the message or its envelope could not be read" },
	{ EXITS_CONFIG, 'Z', "4.3.0", "a setting could not be read" },
	{ EXITS_NO_NETWORK, 'Z', "4.3.0", "no network" },
	{ EXITS_HOME, 'Z', "4.3.0", "the queue's directory cannot be reached" },
	{ EXITS_QUEUE, 'Z', "4.3.0", "the queue's directory cannot be reached" },
	{ EXITS_MESS, 'Z', "4.3.0", "the queue takes no message" },
	{ EXITS_REFUSED_NOW, 'Z', "4.3.0", "the mail server refuses this message now" },
	{ EXITS_CONNECT_TIMEOUT, 'Z', "4.4.1", "the connection to the mail server timed out" },
	{ EXITS_CONNECT_REFUSED, 'Z', "4.4.1", "the mail server refused the connection" },
	{ EXITS_TALK, 'Z', "4.4.2", "the connection to the mail server broke" },
	{ EXITS_BUG, 'Z', "4.3.0", "a filter found an error in itself" },
	{ EXITS_CUSTOM, 'Z', "4.3.0", NO_REASON },
	{ EXITS_CUSTOM_4, 'Z', "4.3.0", NO_REASON },
	{ EXITS_SYNTAX, 'Z', "4.3.0", "the envelope is malformed" },
	{ EXITS_EXEC, 'Z', "4.3.0", "a filter cannot be run" },
};

/* custom - what the program said itself: 1, or 0 if that makes no sense. */
static int
custom(struct answer *answer, char const *said, size_t len)
{
	char text[EXITS_TEXT_MAX + 1];

	if (!len || (*said != 'D' && *said != 'Z'))
		return 0;
	if (len > EXITS_TEXT_MAX)
		len = EXITS_TEXT_MAX;
	while (len > 1 && (said[len - 1] == '\n' || said[len - 1] == '\r'))
		len--;
	if (len == 1)
		return 0;
	memcpy(text, said + 1, len - 1);
	text[len - 1] = 0;
	stream_answer_set(answer, *said, *said == 'D' ? "5.7.1" : "4.7.1", text);
	return 1;
}

void
exits_answer(struct answer *answer, int status, char const *said, size_t len)
{
	int const code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	if ((code == EXITS_CUSTOM || code == EXITS_CUSTOM_4) && custom(answer, said, len))
		return;
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
		struct meaning const *m = &meanings[i];

		if (m->code == code) {
			stream_answer_set(answer, m->answer, m->status, m->text);
			return;
		}
	}
	if (code >= 11 && code <= 40)
		stream_answer_set(answer, 'D', "5.3.0", "the mail server refuses this message");
	else if (code == -1)
		stream_answer_set(answer, 'Z', "4.3.0", "a filter crashed");
	else
		stream_answer_set(answer, 'Z', "4.3.0", "a filter failed");
}
