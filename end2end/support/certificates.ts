// An authority of our own and a certificate for 127.0.0.1, made by openssl.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process.js';

export interface Certificates {
	authority: string;
	certificate: string;
	key: string;
	/** The authority's certificate as a text, to be pasted. */
	pem: string;
}

export function certificates(folder: string): Certificates {
	const at = (name: string) => join(folder, name);
	const subject = (name: string) => ['-subj', `/CN=${name}`];
	const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
	run('openssl', ['req', '-x509', ...newKey, '-days', '90', '-keyout', at('ca.key'), '-out', at('ca.crt'), ...subject('Test Authority'),
		'-addext', 'basicConstraints=critical,CA:TRUE']);
	run('openssl', ['req', ...newKey, '-keyout', at('server.key'), '-out', at('server.csr'), ...subject('127.0.0.1')]);
	writeFileSync(at('ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n');
	run('openssl', ['x509', '-req', '-in', at('server.csr'), '-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '60',
		'-out', at('server.crt'), '-extfile', at('ext')]);
	return { authority: at('ca.crt'), certificate: at('server.crt'), key: at('server.key'), pem: readFileSync(at('ca.crt'), 'utf8') };
}
