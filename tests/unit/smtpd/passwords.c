#include "passwords.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define KEYS                                                                                       \
	"{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,"                                            \
	"dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=,"                                            \
	"6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

static char const text[] = "# users: $x\n\nbob:$6$one\nno colon\nalice:$y$two:1000:more\n"
			   ":nobody\nbob:again\nempty:\ncarol:" KEYS "\nlast:end";

static int
find(char *to, char const *user)
{
	return passwords_find(to, text, sizeof text - 1, user);
}

static void
lines(void **state)
{
	char hash[PASSWORDS_HASH_MAX];

	(void)state;
	assert_true(find(hash, "bob"));
	assert_string_equal(hash, "$6$one");
	assert_true(find(hash, "alice"));
	assert_string_equal(hash, "$y$two");
	assert_true(find(hash, "last"));
	assert_string_equal(hash, "end");
	assert_true(find(hash, "carol"));
	assert_string_equal(hash, KEYS);
	static char const *const none[] = { "", "Bob", "bo", "bobb", "# users", "no colon", "empty",
		"nobody" };
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		assert_false(find(hash, none[i]));
		assert_string_equal(hash, "$6$one"); /* which takes as long */
	}
	assert_false(passwords_find(hash, "", 0, "bob"));
	assert_string_equal(hash, "");
}

static void
too_long(void **state)
{
	char line[PASSWORDS_HASH_MAX + 10], hash[PASSWORDS_HASH_MAX];

	(void)state;
	memset(line, 'x', sizeof line);
	memcpy(line, "bob:", 4);
	assert_true(passwords_find(hash, line, 4 + PASSWORDS_HASH_MAX - 1, "bob"));
	assert_false(passwords_find(hash, line, 4 + PASSWORDS_HASH_MAX, "bob"));
	assert_string_equal(hash, "");
}

static void
where(void **state)
{
	size_t start = 0;

	(void)state;
	assert_int_equal(passwords_line(text, sizeof text - 1, "bob", &start), 11);
	assert_memory_equal(text + start, "bob:$6$one\n", 11);
	assert_int_equal(passwords_line(text, sizeof text - 1, "last", &start), 8);
	assert_int_equal(start, sizeof text - 1 - 8);
	assert_int_equal(passwords_line(text, sizeof text - 1, "zoe", &start), 0);
	assert_int_equal(passwords_line(0, 0, "zoe", &start), 0);
}

static void
keys(void **state)
{
	struct scram a, b;

	(void)state;
	assert_true(passwords_keys(&a, text, sizeof text - 1, "carol"));
	assert_int_equal(a.iterations, 4096);
	assert_false(passwords_keys(&a, text, sizeof text - 1, "bob"));
	assert_false(passwords_keys(&b, text, sizeof text - 1, "bob"));
	assert_memory_equal(&a, &b, sizeof a);
	assert_int_equal(a.saltlen, SCRAM_SALT);
	assert_false(passwords_keys(&b, text, sizeof text - 1, "zoe"));
	assert_memory_not_equal(a.salt, b.salt, SCRAM_SALT);
	assert_false(passwords_keys(&b, text, sizeof text - 2, "bob")); /* another file */
	assert_memory_not_equal(a.salt, b.salt, SCRAM_SALT);
}

static void
reading(void **state)
{
	char name[] = "/tmp/passwords.XXXXXX";
	int const fd = mkstemp(name);
	stralloc got = STRALLOC_ZERO;
	char const *why = 0;

	(void)state;
	assert_int_not_equal(fd, -1);
	unlink(name);
	assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(passwords_read(fd, &got, &why), 1);
	assert_int_equal(got.len, sizeof text - 1);
	assert_memory_equal(got.s, text, got.len);
	for (unsigned int mode = 0; mode < 0777; mode++) {
		assert_int_equal(fchmod(fd, mode), 0);
		assert_int_equal(passwords_read(fd, &got, &why), mode & 027 ? 0 : 1);
	}
	assert_int_equal(fchmod(fd, 0640), 0);
	assert_int_equal(ftruncate(fd, PASSWORDS_FILE_MAX + 1), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(passwords_read(fd, &got, &why), 0);
	assert_non_null(strstr(why, "longer"));
	close(fd);
	errno = 0;
	assert_int_equal(passwords_read(fd, &got, &why), -1);
	assert_int_equal(errno, EBADF);
	stralloc_free(&got);
}

int
main(void)
{
	struct CMUnitTest const tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(too_long),
		cmocka_unit_test(where),
		cmocka_unit_test(keys),
		cmocka_unit_test(reading),
	};

	return cmocka_run_group_tests(tests, 0, 0);
}
