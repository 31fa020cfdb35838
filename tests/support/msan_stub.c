/*
 * What check-msan links between a unit test and libskarnet and libc where these are not
 * instrumented: what such a function writes without memcpy, write or another call that
 * MemorySanitizer follows is marked as written here, no octet more, and what it is given
 * to read is checked. tests.mk takes the names from the lines that begin with WRAP.
 */

#include <dirent.h>
#include <malloc.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <sanitizer/msan_interface.h>
#include <skalibs/blake2s.h>
#include <skalibs/cdb.h>
#include <skalibs/cdbmake.h>
#include <skalibs/fmtscan.h>
#include <skalibs/sha256.h>
#include <skalibs/stralloc.h>

/* clang-format off */
#define WRAP(type, name, ...) \
	type __real_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)
/* clang-format on */

WRAP(size_t, uint64_fmt_generic, char *to, uint64_t n, uint8_t base)
{
	size_t const len = __real_uint64_fmt_generic(to, n, base);

	if (to)
		__msan_unpoison(to, len);
	return len;
}

WRAP(size_t, ucharn_fmt, char *to, char const *from, size_t n)
{
	size_t const len = __real_ucharn_fmt(to, from, n);

	__msan_check_mem_is_initialized(from, n);
	__msan_unpoison(to, len);
	return len;
}

/* Whether it is a number or not, the result is written. */
WRAP(size_t, uint320_scan_base, char const *text, uint32_t *n, uint8_t base)
{
	size_t const len = __real_uint320_scan_base(text, n, base);

	__msan_unpoison(n, sizeof *n);
	return len;
}

WRAP(size_t, uint32_scan_base, char const *text, uint32_t *n, uint8_t base)
{
	size_t const len = __real_uint32_scan_base(text, n, base);

	__msan_unpoison(n, sizeof *n);
	return len;
}

WRAP(size_t, ucharn_scan, char const *text, char *to, size_t n)
{
	size_t const len = __real_ucharn_scan(text, to, n);

	__msan_unpoison(to, len / 2);
	return len;
}

WRAP(size_t, uint640_scan_base, char const *text, uint64_t *n, uint8_t base)
{
	size_t const len = __real_uint640_scan_base(text, n, base);

	__msan_unpoison(n, sizeof *n);
	return len;
}

WRAP(void, uint32_pack, char *to, uint32_t n)
{
	__real_uint32_pack(to, n);
	__msan_unpoison(to, sizeof n);
}

WRAP(void, uint32_unpack, char const *from, uint32_t *n)
{
	__msan_check_mem_is_initialized(from, sizeof *n);
	__real_uint32_unpack(from, n);
	__msan_unpoison(n, sizeof *n);
}

WRAP(void, uint64_pack_big, char *to, uint64_t n)
{
	__real_uint64_pack_big(to, n);
	__msan_unpoison(to, sizeof n);
}

WRAP(void, uint64_unpack_big, char const *from, uint64_t *n)
{
	__msan_check_mem_is_initialized(from, sizeof *n);
	__real_uint64_unpack_big(from, n);
	__msan_unpoison(n, sizeof *n);
}

WRAP(int, stralloc_append, stralloc *to, char c)
{
	int const r = __real_stralloc_append(to, c);

	if (r)
		__msan_unpoison(to->s + to->len - 1, 1);
	return r;
}

WRAP(void, blake2s_update, blake2s_ctx *ctx, char const *from, size_t len)
{
	__msan_check_mem_is_initialized(from, len);
	__real_blake2s_update(ctx, from, len);
}

WRAP(void, blake2s_final, blake2s_ctx *ctx, char *to)
{
	size_t const len = ctx->outlen;

	__real_blake2s_final(ctx, to);
	__msan_unpoison(to, len);
}

WRAP(void, sha256_init, SHA256Schedule *ctx)
{
	__real_sha256_init(ctx);
	__msan_unpoison(ctx, sizeof *ctx);
}

WRAP(void, sha256_update, SHA256Schedule *ctx, char const *from, size_t len)
{
	__msan_check_mem_is_initialized(from, len);
	__real_sha256_update(ctx, from, len);
}

WRAP(void, sha256_final, SHA256Schedule *ctx, char *to)
{
	__real_sha256_final(ctx, to);
	__msan_unpoison(to, 32);
}

WRAP(char *, crypt_rn, char const *password, char const *setting, void *data, int size)
{
	char *const made = __real_crypt_rn(password, setting, data, size);

	__msan_unpoison(data, (size_t)size);
	return made;
}

WRAP(char *, crypt_gensalt_rn, char const *prefix, unsigned long count, char const *random,
    int nrandom, char *to, int size)
{
	char *const made = __real_crypt_gensalt_rn(prefix, count, random, nrandom, to, size);

	__msan_unpoison(to, (size_t)size);
	return made;
}

WRAP(int, cdb_init_fromfd, cdb *c, int fd)
{
	int const r = __real_cdb_init_fromfd(c, fd);

	__msan_unpoison(c, sizeof *c);
	return r;
}

WRAP(int, cdb_find, cdb const *c, cdb_data *data, char const *key, uint32_t len)
{
	int r;

	__msan_check_mem_is_initialized(key, len);
	r = __real_cdb_find(c, data, key, len);
	if (r > 0)
		__msan_unpoison(data, sizeof *data);
	return r;
}

/* A cdbmaker's own memory is filled by libskarnet alone. */
WRAP(int, cdbmake_start, cdbmaker *m, int fd)
{
	int r;

	__msan_scoped_disable_interceptor_checks();
	r = __real_cdbmake_start(m, fd);
	__msan_scoped_enable_interceptor_checks();
	__msan_unpoison(m, sizeof *m);
	return r;
}

WRAP(int, cdbmake_add, cdbmaker *m, char const *key, unsigned int keylen, char const *data,
    unsigned int len)
{
	int r;

	__msan_check_mem_is_initialized(key, keylen);
	__msan_check_mem_is_initialized(data, len);
	__msan_scoped_disable_interceptor_checks();
	r = __real_cdbmake_add(m, key, keylen, data, len);
	__msan_scoped_enable_interceptor_checks();
	return r;
}

WRAP(int, cdbmake_finish, cdbmaker *m)
{
	int r;

	__msan_scoped_disable_interceptor_checks();
	r = __real_cdbmake_finish(m);
	__msan_scoped_enable_interceptor_checks();
	return r;
}

WRAP(struct mallinfo2, mallinfo2, void)
{
	struct mallinfo2 info = __real_mallinfo2();

	__msan_unpoison(&info, sizeof info);
	return info;
}

WRAP(ssize_t, getdents64, int fd, void *to, size_t len)
{
	ssize_t const n = __real_getdents64(fd, to, len);

	if (n > 0)
		__msan_unpoison(to, (size_t)n);
	return n;
}

WRAP(long, syscall, long number, ...)
{
	long arg[6], r;
	va_list args;

	va_start(args, number);
	for (size_t i = 0; i < 6; i++) {
		arg[i] = va_arg(args, long);
		__msan_unpoison(&arg[i], sizeof arg[i]); /* more than were given, too */
	}
	va_end(args);
	r = __real_syscall(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
	if (number == SYS_fstat && r == 0)
		__msan_unpoison((void *)arg[1], sizeof(struct stat));
	return r;
}
