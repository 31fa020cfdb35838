#include "known.h"

#include <string.h>

#define NUMBER(name, min, max, otherwise, readers, meaning)                                        \
	{                                                                                          \
		name, KNOWN_NUMBER, min, max, otherwise, "", readers, meaning                      \
	}
#define CHOICE(name, choices, otherwise, readers, meaning)                                         \
	{                                                                                          \
		name, KNOWN_CHOICE, 0, 0, otherwise, choices, readers, meaning                     \
	}
#define OTHER(name, kind, otherwise, readers, meaning)                                             \
	{                                                                                          \
		name, kind, 0, 0, otherwise, "", readers, meaning                                  \
	}

#define RECIPIENTS "smtpd queue-send deliver-spawn deliver-aliases" /* recipient.h's users */

/* Sorted by name. */
struct known const known[] = {
	NUMBER("authfailures", 1, 1000, "20", "smtpd-auth",
	    "wrong passwords of one address until it must wait"),
	NUMBER("authinclear", 0, 1, "0", "smtpd", "whether AUTH is offered without TLS"),
	OTHER("badmailfrom", KNOWN_SENDERS, "", "smtpd", "senders whose mail is refused"),
	CHOICE("barelf", "refuse convert", "refuse", "smtpd", "what is done about a bare LF or CR"),
	OTHER("bouncefrom", KNOWN_MAILBOX, "MAILER-DAEMON", "queue-send", "whom reports come from"),
	OTHER("bouncehost", KNOWN_HOST, "<me>", "queue-send", "the domain of bouncefrom"),
	NUMBER("bouncemaxbytes", 0, 16777216, "50000", "queue-send",
	    "octets of a message that a report quotes whole"),
	CHOICE("brackets", "strict lenient", "strict", "smtpd",
	    "whether MAIL and RCPT need < and > around an address"),
	NUMBER(
	    "concurrencyaddress", 1, 500, "10", "queue-send", "deliveries at once to one address"),
	NUMBER("concurrencydomain", 1, 500, "10", "queue-send", "deliveries at once to one domain"),
	NUMBER("concurrencylocal", 0, 500, "20", "queue-send", "local deliveries at once"),
	NUMBER("concurrencyperhost", 1, 500, "10", "relay-connect",
	    "connections at once to one address of another host"),
	NUMBER("concurrencyremote", 0, 500, "20", "queue-send", "remote deliveries at once"),
	NUMBER("databytes", 0, UINT64_MAX / 2, "52428800", "smtpd",
	    "octets of a message; 0 is no limit"),
	OTHER("defaultdelivery", KNOWN_DELIVERY, "./Maildir/", "deliver-spawn deliver-local",
	    "what to do for a user without a .qmail file"),
	OTHER("defaulthost", KNOWN_HOST, "<me>", "sendmail smtpd",
	    "the domain of addresses that have none"),
	NUMBER("delaynotice", 0, 31536000, "14400", "queue-send",
	    "seconds until a sender is told of a delay; 0 is never"),
	OTHER("delimiters", KNOWN_RECIPIENTS, "+-", RECIPIENTS,
	    "octets between a user's name and an extension"),
	OTHER("doublebouncehost", KNOWN_HOST, "<me>", "queue-send", "the domain of doublebounceto"),
	OTHER("doublebounceto", KNOWN_MAILBOX_OR_NONE, "postmaster", "queue-send",
	    "who gets a report that could not be delivered"),
	CHOICE("earlytalk", "tolerate refuse", "tolerate", "smtpd",
	    "what is done about a client that does not wait for a reply"),
	OTHER("helohost", KNOWN_HOST, "<me>", "relay", "the name that other servers hear in EHLO"),
	NUMBER("hideclientip", 0, 1, "0", "smtpd",
	    "whether Received of a submission leaves out who the client is"),
	OTHER("localiphost", KNOWN_HOST, "<me>", "smtpd",
	    "the domain that this host's own address literal stands for"),
	OTHER(
	    "locals", KNOWN_RECIPIENTS, "<me>", RECIPIENTS, "domains whose users are this host's"),
	NUMBER("maxerrors", 1, 1000000, "20", "smtpd", "errors after which a client is sent away"),
	NUMBER("maxhops", 1, 1000, "100", "smtpd", "Received lines that a message may have"),
	NUMBER("maxmail", 1, 999999, "100000", "smtpd", "messages of one connection"),
	NUMBER("maxrcpt", 1, 100000, "1000", "smtpd", "recipients of one message"),
	OTHER("me", KNOWN_HOST, "", "all", "this host's full name; it must be there"),
	NUMBER("minuid", 1, 65534, "1000", RECIPIENTS, "the lowest uid of a user who gets mail"),
	NUMBER("mtasts", 0, 1, "1", "relay-connect", "whether MTA-STS policies are asked for"),
	OTHER("outgoingip", KNOWN_ADDRESSES, "", "relay-connect",
	    "the addresses of ours that mail goes out from"),
	NUMBER("queuelifetime", 0, 31536000, "432000", "queue-send",
	    "seconds that a message may wait for delivery"),
	NUMBER("ratehost", 0, 1000000, "0", "relay-connect",
	    "messages a minute to one address of another host; 0 is no limit"),
	NUMBER("ratesubmission", 0, 1000000, "0", "smtpd smtpd-auth",
	    "recipients of one user in an hour; 0 is no limit"),
	OTHER("rcpthosts", KNOWN_DOMAINS, "", "smtpd", "domains for which mail is taken"),
	NUMBER("remoteport", 1, 65535, "25", "relay-connect", "the port of other mail servers"),
	OTHER("senders", KNOWN_PERMITS, "", "smtpd",
	    "sender addresses that a login may use besides its own"),
	OTHER("smarthostauth", KNOWN_LOGINS, "", "relay",
	    "users and passwords for hosts of smtproutes"),
	OTHER("smtpgreeting", KNOWN_TEXT, "<me>", "smtpd", "what smtpd says after 220"),
	OTHER("smtproutes", KNOWN_ROUTES, "", "relay-connect",
	    "hosts that take the mail of a domain, whatever DNS says"),
	NUMBER("timeoutconnect", 1, 600, "30", "relay-connect",
	    "seconds until an address that does not answer is given up"),
	NUMBER("timeoutprogram", 1, 800, "600", "deliver-spawn deliver-local",
	    "seconds that a program of a .qmail file may run"),
	NUMBER("timeoutremote", 1, 86400, "600", "relay relay-tls",
	    "seconds that no wait for another server exceeds"),
	NUMBER("timeoutsmtpd", 1, 86400, "300", "smtpd", "seconds that a client may be silent"),
	NUMBER(
	    "timeouttransaction", 1, 604800, "3600", "smtpd", "seconds that one message may take"),
	OTHER("tlscafile", KNOWN_PATH, "/etc/ssl/certs/ca-certificates.crt",
	    "relay-tls relay-sts-fetch", "the authorities whose certificates count"),
	OTHER(
	    "tlsciphers", KNOWN_TEXT, "", "smtpd-tls", "ciphers of TLS 1.2, as OpenSSL lists them"),
	NUMBER("tlsminimum", 2, 3, "2", "smtpd-tls", "the oldest TLS that is spoken: 1.2 or 1.3"),
	OTHER("tlsroutes", KNOWN_LEVELS, "", "relay-connect",
	    "how much TLS a domain or host must have"),
	NUMBER("trustad", 0, 1, "0", "relay-connect",
	    "whether a resolver that is not on this host is believed about DNSSEC"),
	OTHER("virtualdomains", KNOWN_RECIPIENTS, "", RECIPIENTS,
	    "domains whose users are extensions of one user"),
};

size_t const known_count = sizeof known / sizeof *known;

struct known const *
known_find(char const *name)
{
	for (size_t i = 0; i < known_count; i++)
		if (!strcmp(known[i].name, name))
			return known + i;
	return 0;
}

int
known_is_secret(char const *name)
{
	static char const *const names[] = { "servercert.pem", "servercert-rsa.pem", "servercerts",
		"passwords" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i], name))
			return 1;
	return 0;
}
