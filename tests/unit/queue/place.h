/* place - a queue directory for a test, with messages in it. */

#include <assert.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "message.h"
#include "state.h"

#define PLACE_NOW  1800000000U
#define PLACE_TEXT "From: alice@crepes.fr\nSubject: hi\n\nDo you like ketchup?\n"

static char place_root[64];
static int place_mess, place_state;

static inline int
place_open(char const *name)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", place_root, name);
	if (mkdir(path, 0700))
		return -1;
	for (unsigned int i = 0; i < CONF_SPLIT; i++) {
		snprintf(path, sizeof path, "%s/%s/%u", place_root, name, i);
		if (mkdir(path, 0700))
			return -1;
	}
	snprintf(path, sizeof path, "%s/%s", place_root, name);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static inline int
place_make(void **unused)
{
	(void)unused;
	snprintf(place_root, sizeof place_root, "/tmp/place.XXXXXX");
	if (!mkdtemp(place_root))
		return -1;
	place_mess = place_open("mess");
	place_state = place_open("state");
	return place_mess == -1 || place_state == -1;
}

static inline int
place_unlink(char const *path, struct stat const *st, int kind, struct FTW *f)
{
	(void)st, (void)kind, (void)f;
	return remove(path);
}

static inline int
place_remove(void **unused)
{
	(void)unused;
	close(place_mess);
	close(place_state);
	return nftw(place_root, place_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

static inline uint64_t
place_time(unsigned int number)
{
	return (uint64_t)PLACE_NOW * 1000000 - 1000000 + number;
}

/* place_frame - a frame of the fields, which end with a null pointer; returns its length. */
static inline size_t
place_frame(char *to, char type, va_list fields)
{
	char body[2048];
	char const *field;
	size_t len = 0;
	int head;

	while ((field = va_arg(fields, char const *))) {
		memcpy(body + len, field, strlen(field) + 1);
		len += strlen(field) + 1;
	}
	head = sprintf(to, "%zu:%c", len + 1, type);
	memcpy(to + head, body, len);
	to[(size_t)head + len] = ',';
	return (size_t)head + len + 1;
}

static inline size_t
place_fields(char *to, int type, ...)
{
	va_list fields;
	size_t n;

	va_start(fields, type);
	n = place_frame(to, (char)type, fields);
	va_end(fields);
	return n;
}

/* place_add_raw - a message, number, with this envelope; its path is in place_path. */
static char place_path[STATE_PATH_MAX];

static inline void
place_add_raw(unsigned int number, char const *envelope, size_t len, char const *text)
{
	char header[MESSAGE_HEADER_SIZE];
	struct message_regions const where = {
		.envelope = sizeof header,
		.envelopelen = len,
		.message = sizeof header + len,
		.messagelen = strlen(text),
	};
	int fd;

	state_path(place_path, place_time(number), number);
	fd = openat(place_mess, place_path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	message_header(header, &where);
	assert(fd != -1);
	assert(write(fd, header, sizeof header) == sizeof header);
	assert(write(fd, envelope, len) == (ssize_t)len);
	assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* place_add - a message, number, to recipients, which end with a null pointer. */
static inline void
place_add(unsigned int number, char const *sender, ...)
{
	char envelope[65536];
	size_t len = place_fields(envelope, 'M', sender, (char *)0);
	char const *rcpt;
	va_list rcpts;

	va_start(rcpts, sender);
	while ((rcpt = va_arg(rcpts, char const *)))
		len += place_fields(envelope + len, 'R', rcpt, (char *)0);
	va_end(rcpts);
	place_add_raw(number, envelope, len, PLACE_TEXT);
}

/* place_has - whether mess or state has a file for the message. */
static inline int
place_has(int dir, unsigned int number)
{
	char path[STATE_PATH_MAX];

	state_path(path, place_time(number), number);
	return !faccessat(dir, path, F_OK, 0);
}
