#ifndef QUEUE_MAILARGS_H
#define QUEUE_MAILARGS_H

/*
 * mailargs - the command line of sendmail, as Sendmail, Postfix and Exim have it. No I/O,
 * no memory of its own: what it returns points into argv.
 */

enum mailargs_mode {
	MAILARGS_SEND,    /* -bm */
	MAILARGS_SMTP,    /* -bs */
	MAILARGS_LIST,    /* -bp, or called as mailq */
	MAILARGS_ALIASES, /* -bi, or called as newaliases */
	MAILARGS_VERIFY,  /* -bv */
	MAILARGS_RETRY,   /* -q */
};

struct mailargs {
	enum mailargs_mode mode;
	char const *sender;       /* -f, -r; null: the caller */
	char const *name;         /* -F: for the From field; null */
	char const *notify;       /* -N: never, or a list of success, failure, delay; null */
	char const *ret;          /* -R: full or hdrs; null */
	char const *envid;        /* -V; null */
	int eightbit;             /* -B8BITMIME */
	int from_header;          /* -t: recipients are in the header, too */
	int dot_is_text;          /* -i, -oi */
	int relayed;              /* -G: from another server: nothing is added */
	char const *const *rcpts; /* the rest of the words, up to a null pointer */
};

/*
 * mailargs_parse - argv[0] counts; null, or what is wrong. Options that nobody here needs are
 * passed over with their values, unknown ones alone.
 */
char const *mailargs_parse(struct mailargs *a, char const *const *argv);

#endif
