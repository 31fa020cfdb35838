// One mail program with nodemailer: {transport, messages, verify} as JSON on standard input; on
// standard output for each message what nodemailer said of it, or how it failed. A message's
// octets, if it is given whole, are in base64 (raw64); all messages are handed over at once,
// where the transport has no pool one after the other.
'use strict';
const nodemailer = require('nodemailer');

const told = (error) => ({
	error: error.message, code: error.code, reply: error.responseCode, command: error.command,
	response: error.response, rejected: (error.rejectedErrors || []).map(told),
});

async function send(transport, message)
{
	if (message.raw64)
		message.raw = Buffer.from(message.raw64, 'base64');
	delete message.raw64;
	try {
		const { accepted, rejected, response } = await transport.sendMail(message);
		return { accepted, rejected, response };
	} catch (error) {
		return told(error);
	}
}

async function main(job)
{
	const transport = nodemailer.createTransport(job.transport);
	const said = [];

	try {
		if (job.verify)
			said.push(await transport.verify().then((good) => ({ good }), told));
		if (job.transport.pool)
			said.push(...await Promise.all(job.messages.map((m) => send(transport, m))));
		else
			for (const message of job.messages)
				said.push(await send(transport, message));
	} finally {
		transport.close();
	}
	process.stdout.write(JSON.stringify(said));
}

main(JSON.parse(require('fs').readFileSync(0, 'utf8')));
