#include "command.h"

#include <string.h>
#include <strings.h>

static struct {
	char const *name;
	char const *keyword; /* what must follow the verb, or null */
	enum command_verb verb;
} const verbs[] = {
	{ "HELO", 0, COMMAND_HELO },
	{ "EHLO", 0, COMMAND_EHLO },
	{ "MAIL", "FROM:", COMMAND_MAIL },
	{ "RCPT", "TO:", COMMAND_RCPT },
	{ "DATA", 0, COMMAND_DATA },
	{ "BDAT", 0, COMMAND_BDAT },
	{ "RSET", 0, COMMAND_RSET },
	{ "NOOP", 0, COMMAND_NOOP },
	{ "VRFY", 0, COMMAND_VRFY },
	{ "EXPN", 0, COMMAND_EXPN },
	{ "HELP", 0, COMMAND_HELP },
	{ "QUIT", 0, COMMAND_QUIT },
	{ "STARTTLS", 0, COMMAND_STARTTLS },
	{ "AUTH", 0, COMMAND_AUTH },
};

/* skip_blanks - blanks in front of the argument do not belong to it. */
static void
skip_blanks(struct command *cmd)
{
	while (cmd->arglen && (*cmd->arg == ' ' || *cmd->arg == '\t'))
		cmd->arg++, cmd->arglen--;
}

/* take_keyword - "FROM:" in any case; blanks behind it are common, and passed over. */
static int
take_keyword(struct command *cmd, char const *keyword)
{
	size_t const len = strlen(keyword);

	if (cmd->arglen < len || strncasecmp(cmd->arg, keyword, len))
		return 0;
	cmd->arg += len;
	cmd->arglen -= len;
	skip_blanks(cmd);
	return 1;
}

enum command_result
command_parse(struct command *cmd, char const *line, size_t len)
{
	size_t const whole = len;
	char const *keyword = 0;
	size_t n = 0;

	len -= 2;
	cmd->verb = COMMAND_UNKNOWN;
	if (memchr(line, '\r', len) || memchr(line, '\n', len) || memchr(line, 0, len))
		return COMMAND_BARE;
	while (len && line[len - 1] == ' ')
		len--;
	while (n < len && line[n] != ' ')
		n++;
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (n == strlen(verbs[i].name) && !strncasecmp(line, verbs[i].name, n)) {
			cmd->verb = verbs[i].verb;
			keyword = verbs[i].keyword;
		}
	cmd->arg = line + n;
	cmd->arglen = len - n;
	skip_blanks(cmd);
	if (whole > (keyword || cmd->verb == COMMAND_AUTH ? COMMAND_PATH_MAX : COMMAND_MAX))
		return COMMAND_TOO_LONG;
	return keyword && !take_keyword(cmd, keyword) ? COMMAND_NO_KEYWORD : COMMAND_OK;
}
