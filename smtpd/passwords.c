#include "passwords.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/sha256.h>

int
passwords_read(int fd, stralloc *text, char const **why)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	*why = "others than its owner and group may read or change it: chmod 0640";
	if (!S_ISREG(st.st_mode) || st.st_mode & 027)
		return 0;
	*why = "it is longer than 16 MiB";
	text->len = 0;
	for (;;) {
		ssize_t n;

		if (text->len > PASSWORDS_FILE_MAX)
			return 0;
		errno = ENOMEM;
		if (!stralloc_readyplus(
			text, (size_t)st.st_size < 4096 ? 4096 : (size_t)st.st_size))
			return -1;
		n = read(fd, text->s + text->len, text->a - text->len);
		if (n == -1 && errno != EINTR)
			return -1;
		if (!n)
			return 1;
		if (n > 0)
			text->len += (size_t)n;
	}
}

/* A line, without its end. */
struct line {
	char const *user, *hash;
	size_t userlen, hashlen;
	size_t start, size; /* in the file, the line's end included */
};

/* next_line - the one at *pos: 1, or 0 at the end. One without a colon has an empty user. */
static int
next_line(struct line *l, char const *text, size_t len, size_t *pos)
{
	char const *const s = text + *pos;
	char const *lf, *colon, *end;

	if (*pos >= len)
		return 0;
	lf = memchr(s, '\n', len - *pos);
	end = lf ? lf : text + len;
	l->start = *pos;
	l->size = (size_t)(end - s) + (lf != 0);
	*pos += l->size;
	colon = memchr(s, ':', (size_t)(end - s));
	l->user = s;
	l->userlen = colon && *s != '#' ? (size_t)(colon - s) : 0;
	l->hash = colon ? colon + 1 : end;
	colon = memchr(l->hash, ':', (size_t)(end - l->hash));
	l->hashlen = (size_t)((colon ? colon : end) - l->hash);
	return 1;
}

static int
is_of(struct line const *l, char const *user)
{
	return l->userlen && l->userlen == strlen(user) && !memcmp(l->user, user, l->userlen);
}

static void
keep(char *to, struct line const *l)
{
	memcpy(to, l->hash, l->hashlen);
	to[l->hashlen] = 0;
}

int
passwords_find(char *to, char const *text, size_t len, char const *user)
{
	struct line l;
	size_t pos = 0;
	int found = 0;

	*to = 0;
	while (next_line(&l, text, len, &pos)) {
		if (!l.userlen || !l.hashlen || l.hashlen >= PASSWORDS_HASH_MAX)
			continue;
		if (!found && is_of(&l, user)) {
			keep(to, &l);
			found = 1;
		} else if (!*to) {
			keep(to, &l);
		}
	}
	return found;
}

size_t
passwords_line(char const *text, size_t len, char const *user, size_t *start)
{
	struct line l;
	size_t pos = 0;

	while (next_line(&l, text, len, &pos))
		if (is_of(&l, user)) {
			*start = l.start;
			return l.size;
		}
	return 0;
}

int
passwords_keys(struct scram *s, char const *text, size_t len, char const *user)
{
	char hash[PASSWORDS_HASH_MAX], secret[SCRAM_DIGEST];
	SHA256Schedule file;
	int found = passwords_find(hash, text, len, user);

	/* what is in the file nobody outside knows: a salt made of it cannot be told from a real
	 * one */
	sha256_init(&file);
	sha256_update(&file, text, len);
	sha256_final(&file, secret);
	found = found && scram_parse(s, hash, strlen(hash));
	if (!found)
		scram_invent(s, user, secret, sizeof secret);
	explicit_bzero(hash, sizeof hash);
	explicit_bzero(secret, sizeof secret);
	return found;
}
