#include "pwhash.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* one_way - crypt(3), and no trace of it afterwards. */
static int
one_way(char to[CRYPT_OUTPUT_SIZE], char const *password, char const *setting)
{
	struct crypt_data *const data = calloc(1, sizeof *data);
	char const *made;
	size_t len = 0;

	if (!data)
		return 0;
	made = crypt_rn(password, setting, data, sizeof *data);
	if (made)
		len = strnlen(made, CRYPT_OUTPUT_SIZE - 1);
	memset(to, 0, CRYPT_OUTPUT_SIZE);
	if (made)
		memcpy(to, made, len);
	explicit_bzero(data, sizeof *data);
	free(data);
	return made != 0;
}

static enum pwhash_result
check_crypt(char const *hash, char const *password)
{
	char made[CRYPT_OUTPUT_SIZE];
	size_t const len = strlen(hash);
	int same;

	if (*hash != '$' || len >= sizeof made || !one_way(made, password, hash))
		return PWHASH_UNKNOWN;
	same = strlen(made) == len && scram_is_same(made, hash, len);
	explicit_bzero(made, sizeof made);
	return same ? PWHASH_RIGHT : PWHASH_WRONG;
}

static enum pwhash_result
check_keys(struct scram const *keys, char const *password)
{
	struct scram s = *keys;
	int same;

	scram_derive(&s, password);
	same = scram_is_same(s.stored, keys->stored, SCRAM_DIGEST);
	explicit_bzero(&s, sizeof s);
	return same ? PWHASH_RIGHT : PWHASH_WRONG;
}

enum pwhash_result
pwhash_check(char const *hash, char const *password)
{
	static char const scheme[] = "{CRYPT}";
	struct scram keys;

	if (!*hash) {
		char made[CRYPT_OUTPUT_SIZE];

		one_way(made, password, PASSWORDS_STANDARD "0123456789abcdef");
		return PWHASH_WRONG;
	}
	if (scram_parse(&keys, hash, strlen(hash)))
		return check_keys(&keys, password);
	if (!strncmp(hash, scheme, sizeof scheme - 1))
		hash += sizeof scheme - 1;
	return check_crypt(hash, password);
}

int
pwhash_make(char *to, char const *password, int scram)
{
	char random[32];
	struct scram keys = { .iterations = SCRAM_ITERATIONS, .saltlen = SCRAM_SALT };
	char setting[CRYPT_GENSALT_OUTPUT_SIZE], made[CRYPT_OUTPUT_SIZE];

	if (getrandom(random, sizeof random, 0) != sizeof random)
		return 0;
	if (scram) {
		memcpy(keys.salt, random, SCRAM_SALT);
		scram_derive(&keys, password);
		scram_format(to, &keys);
		return 1;
	}
	if (!crypt_gensalt_rn("$y$", 0, random, sizeof random, setting, sizeof setting) ||
	    !one_way(made, password, setting) || strlen(made) >= PASSWORDS_HASH_MAX)
		return 0;
	memcpy(to, made, strlen(made) + 1);
	return 1;
}
