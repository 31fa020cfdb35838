#include "body.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <skalibs/types.h>

#include "files.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

void
body_init(struct body *b)
{
	b->fd = b->sealed = -1;
	b->is_ours = 0;
	b->offset = b->len = b->at = 0;
	b->have = 0;
}

void
body_clear(struct body *b)
{
	if (b->is_ours)
		close(b->fd);
	if (b->sealed != -1)
		close(b->sealed);
	body_init(b);
}

/* number - decimal without a leading zero, ended by the octet stop; octets used, or 0. */
static size_t
number(char const *s, size_t len, uint64_t *value)
{
	char text[UINT64_FMT];
	size_t n = 0;

	while (n < len && n < sizeof text - 1 && s[n] >= '0' && s[n] <= '9') {
		text[n] = s[n];
		n++;
	}
	text[n] = 0;
	return n && (n == 1 || *text != '0') && uint640_scan(text, value) ? n : 0;
}

int
body_file(struct body *b, struct frame const *f)
{
	size_t n, m;
	uint64_t end;

	body_clear(b);
	b->fd = f->fd;
	b->is_ours = 1;
	n = number(f->data, f->len, &b->offset);
	if (!n || n >= f->len || f->data[n] != ' ')
		return 0;
	m = number(f->data + n + 1, f->len - n - 1, &b->len);
	return m && n + 1 + m == f->len && !__builtin_add_overflow(b->offset, b->len, &end) &&
	       end <= INT64_MAX;
}

static int
append(struct body *b, char const *data, size_t len)
{
	struct iovec part = { (char *)data, len };

	if (b->is_ours && b->len + len > BODY_MEMORY_MAX) {
		errno = EFBIG;
		return -1;
	}
	if (files_write(b->fd, &part, 1) == -1)
		return -1;
	b->len += len;
	return 1;
}

int
body_add(struct body *b, char const *data, size_t len)
{
	if (b->fd != -1)
		return append(b, data, len);
	if (len > sizeof b->buf - b->have)
		return 0;
	memcpy(b->buf + b->have, data, len);
	b->have += len;
	b->len += len;
	return 1;
}

int
body_spill(struct body *b, int fd, uint64_t offset)
{
	b->fd = fd;
	b->offset = offset;
	b->len = 0;
	return append(b, b->buf, b->have);
}

int
body_spill_memory(struct body *b)
{
	int fd = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd == -1)
		return -1;
	b->is_ours = 1;
	return body_spill(b, fd, 0);
}

char const *
body_piece(struct body *b, uint64_t at, size_t *len)
{
	uint64_t left = b->len - at;
	ssize_t r;

	if (at >= b->at && at - b->at < b->have) {
		*len = (size_t)(b->at + b->have - at);
		return b->buf + (at - b->at);
	}
	do
		r = pread(b->fd, b->buf, left < sizeof b->buf ? (size_t)left : sizeof b->buf,
		    (off_t)(b->offset + at));
	while (r == -1 && errno == EINTR);
	if (!r)
		errno = ENODATA;
	b->at = at;
	b->have = r > 0 ? (size_t)r : 0;
	*len = b->have;
	return r > 0 ? b->buf : 0;
}

/* copy - the whole message to fd. */
static int
copy(struct body *b, int fd)
{
	size_t len;

	for (uint64_t at = 0; at < b->len; at += len) {
		char const *s = body_piece(b, at, &len);
		struct iovec part = { (char *)s, len };

		if (!s || files_write(fd, &part, 1) == -1)
			return 0;
	}
	return 1;
}

int
body_sealed(struct body *b)
{
	int fd;

	if (b->sealed != -1)
		return b->sealed;
	if (b->len > BODY_MEMORY_MAX) {
		errno = EFBIG;
		return -1;
	}
	fd = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1)
		return -1;
	if (!copy(b, fd) || fcntl(fd, F_ADD_SEALS, SEALS) == -1) {
		int e = errno;

		close(fd);
		errno = e;
		return -1;
	}
	return b->sealed = fd;
}
