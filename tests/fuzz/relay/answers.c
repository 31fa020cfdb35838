/* Any reply of a name server, to any question: what comes out are host names and addresses. */

#include <ctype.h>
#include <string.h>

#include "../fuzz.h"
#include "answers.h"
#include "dane.h"
#include "mx.h"
#include "plan.h"

static void
check_name(char const *name, size_t len)
{
	size_t label = 0;

	must(len <= 255 && strlen(name) == len);
	for (size_t i = 0; i < len; i++) {
		unsigned char const c = (unsigned char)name[i];

		must(isalnum(c) || c == '-' || c == '_' || (c == '.' && label));
		must(!isupper(c));
		label = c == '.' ? 0 : label + 1;
		must(label <= 63);
	}
}

static void
check(struct answers const *a, enum answers_type type)
{
	must(a->count <= ANSWERS_MAX && a->used <= sizeof a->data);
	must(a->result == ANSWERS_OK || !a->count || a->result == ANSWERS_MALFORMED);
	check_name(a->name, strlen(a->name));
	for (size_t i = 0; i < a->count; i++) {
		must((size_t)a->record[i].offset + a->record[i].len < sizeof a->data);
		must(!answers_data(a, i)[a->record[i].len]);
		must(type != ANSWERS_A || a->record[i].len == 4);
		must(type != ANSWERS_AAAA || a->record[i].len == 16);
		must(type != ANSWERS_TLSA || a->record[i].len >= 3);
		must(type != ANSWERS_TXT || a->record[i].len <= ANSWERS_TXT_MAX);
		if (type == ANSWERS_MX)
			check_name(answers_data(a, i), a->record[i].len);
	}
}

static void
use_mx(struct answers const *a)
{
	struct mx m;

	if (mx_order(&m, a, 1) != MX_HOSTS)
		return;
	must(m.count && m.count <= MX_MAX);
	for (size_t i = 0; i < m.count; i++)
		must(*m.host[i].name && (!i || m.host[i - 1].preference <= m.host[i].preference));
}

static void
use_tlsa(struct answers const *a)
{
	static struct hop hop;
	struct answers const *const all[] = { a };
	size_t which = 0;

	if (dane_judge(&hop, all, 1, &which) == DANE_HOLDS)
		must(hop.tlsas && hop.tlsas <= HOP_TLSA_MAX && !which);
}

static void
use_address(struct answers const *a, enum answers_type type)
{
	static struct plan_host host;
	static struct answers none;

	answers_clear(&none, ANSWERS_NONE);
	plan_set_addresses(&host, type == ANSWERS_A ? a : &none, type == ANSWERS_A ? &none : a, 7);
	must(!host.count == !a->count);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static enum answers_type const types[] = { ANSWERS_A, ANSWERS_CNAME, ANSWERS_MX,
		ANSWERS_TXT, ANSWERS_AAAA, ANSWERS_TLSA };
	static struct answers a;
	enum answers_type type;
	unsigned char question[ANSWERS_QUESTION_MAX];
	size_t len;
	int truncated;

	if (!size)
		return 0;
	type = types[*data % 6];
	answers_read(&a, data + 1, size - 1, type, 1);
	check(&a, type);
	if (a.result == ANSWERS_OK && type == ANSWERS_MX)
		use_mx(&a);
	if (a.result == ANSWERS_OK && type == ANSWERS_TLSA)
		use_tlsa(&a);
	if (a.result == ANSWERS_OK && (type == ANSWERS_A || type == ANSWERS_AAAA))
		use_address(&a, type);
	len = answers_question(question, 0x1234, "a.example", type, 1, 1);
	answers_is_reply(data + 1, size - 1, question, len, &truncated);
	return 0;
}
