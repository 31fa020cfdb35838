#include "source.h"

#include <errno.h>
#include <unistd.h>

#include "log.h"

#define READ_SIZE 65536

int
source_read(int fd, stralloc *text, size_t max)
{
	ssize_t r;

	text->len = 0;
	do {
		if (text->len > max)
			return 0;
		if (!stralloc_readyplus(text, READ_SIZE)) {
			errno = ENOMEM;
			return -1;
		}
		do
			r = read(fd, text->s + text->len, READ_SIZE);
		while (r == -1 && errno == EINTR);
		if (r > 0)
			text->len += (size_t)r;
	} while (r > 0);
	return r ? -1 : 1;
}

void
source_say(char const *event, char const *file, size_t line, char const *what)
{
	log_begin(event);
	log_str("file", file);
	log_num("line", line);
	log_str("reason", what);
	log_end();
}
