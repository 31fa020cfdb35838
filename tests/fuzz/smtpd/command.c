/* Any line as a command, with its path and parameters: what comes out stays inside it. */

#include <string.h>

#include "../fuzz.h"
#include "address.h"
#include "command.h"
#include "params.h"

static void
check_params(struct params const *p)
{
	must(p->fieldslen <= PARAMS_MAX && (!p->fieldslen || !p->fields[p->fieldslen - 1]));
	for (size_t i = 0; i < p->fieldslen; i++)
		must(!p->fields[i] || (unsigned char)p->fields[i] > ' ');
}

static void
check_path(struct command const *c)
{
	struct address a;
	struct params p;
	size_t used = 0;

	memset(&p, 0, sizeof p);
	if (address_parse_path(&a, c->arg, c->arglen, ADDRESS_NULL_OK | ADDRESS_UTF8_OK, &used) !=
	    ADDRESS_OK)
		used = 0;
	must(used <= c->arglen);
	if (c->verb == COMMAND_MAIL) {
		if (params_mail(&p, c->arg + used, c->arglen - used,
			PARAMS_AUTH | PARAMS_REQUIRETLS) == PARAMS_OK)
			check_params(&p);
	} else if (params_rcpt(&p, c->arg + used, c->arglen - used, used & 1) == PARAMS_OK) {
		check_params(&p);
	}
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	char line[COMMAND_PATH_MAX];
	struct command c = { .arg = line };

	if (size > sizeof line - 2)
		return 0;
	memcpy(line, data, size);
	memcpy(line + size, "\r\n", 2);
	switch (command_parse(&c, line, size + 2)) {
	case COMMAND_OK:
		must(c.arg >= line && c.arg + c.arglen <= line + size);
		must(!memchr(c.arg, 0, c.arglen) && !memchr(c.arg, '\r', c.arglen));
		if (c.verb == COMMAND_MAIL || c.verb == COMMAND_RCPT)
			check_path(&c);
		break;
	case COMMAND_NO_KEYWORD: must(c.verb == COMMAND_MAIL || c.verb == COMMAND_RCPT); break;
	case COMMAND_BARE:
	case COMMAND_TOO_LONG: break;
	}
	return 0;
}
