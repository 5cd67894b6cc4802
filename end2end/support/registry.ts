// The real docker-registry.
import { writeFileSync } from 'node:fs';
import { get as plainGet } from 'node:http';
import { get as tlsGet } from 'node:https';
import { join } from 'node:path';
import { type Certificates, certificates } from './certificates.js';
import { folder, freePort, Program, run, until } from './process.js';

export interface RegistryOptions {
	/** Ask for a user and a password. */
	password?: { user: string; password: string };
	/** Serve TLS with an authority of our own. */
	tls?: boolean;
	/** Allow deleting. */
	deleting?: boolean;
	/** Lines that a page wrote, and the file that they name by this path. */
	pasted?: { yaml: string; path: string; file: string };
	/** What clients sign in with, where the registry itself knows nobody. */
	login?: { user: string; password: string };
	/** Listen here. */
	port?: number;
}

export class Registry {
	requests = 0;
	private constructor(
		readonly port: number,
		readonly options: RegistryOptions,
		private program: Program,
		private readonly config: string,
		readonly directory: { path: string; remove: () => void },
		readonly tls?: Certificates,
	) {}

	get host(): string {
		return `127.0.0.1:${this.port}`;
	}

	get address(): string {
		return `${this.options.tls ? 'https' : 'http'}://${this.host}`;
	}

	static async start(options: RegistryOptions = {}): Promise<Registry> {
		const port = options.port ?? (await freePort());
		const directory = folder();
		const lines = [
			'version: 0.1',
			'log: {level: warn, accesslog: {disabled: true}}',
			'storage:',
			`  filesystem: {rootdirectory: ${join(directory.path, 'data')}}`,
			`  delete: {enabled: ${options.deleting ?? false}}`,
			'  cache: {blobdescriptor: inmemory}',
		];
		if (options.password) {
			const { user, password } = options.password;
			const file = join(directory.path, 'htpasswd');
			writeFileSync(file, run('htpasswd', ['-Bbn', '-C', '5', user, password]));
			lines.push(`auth: {htpasswd: {realm: Test, path: ${file}}}`);
		}
		if (options.pasted) {
			const file = join(directory.path, 'pasted');
			writeFileSync(file, options.pasted.file);
			lines.push(options.pasted.yaml.replaceAll(options.pasted.path, file));
		}
		let tls: Certificates | undefined;
		let transport = '';
		if (options.tls) {
			tls = certificates(directory.path);
			transport = `, tls: {certificate: ${tls.certificate}, key: ${tls.key}}`;
		}
		lines.push(`http: {addr: "127.0.0.1:${port}", secret: a-test${transport}}`);
		const config = join(directory.path, 'config.yml');
		writeFileSync(config, lines.join('\n'));
		const program = Program.start('docker-registry', ['serve', config]);
		const registry = new Registry(port, options, program, config, directory, tls);
		await registry.ready();
		return registry;
	}

	private async ready(): Promise<void> {
		await until('docker-registry to answer', () => new Promise<true | undefined>((resolve, reject) => {
			const get = this.options.tls ? tlsGet : plainGet;
			const request = get(`${this.address}/v2/`, { rejectUnauthorized: false }, (answer) => {
				answer.resume();
				resolve(true);
			});
			request.on('error', reject);
		}));
	}

	/** As if the machine were down. */
	async stop(): Promise<void> {
		await this.program.stop();
	}

	async restart(): Promise<void> {
		this.program = Program.start('docker-registry', ['serve', this.config]);
		await this.ready();
	}

	/** As if it hung: it takes connections, and says nothing until it goes on. */
	pause(): void {
		this.program.signal('SIGSTOP');
	}

	resume(): void {
		this.program.signal('SIGCONT');
	}

	async remove(): Promise<void> {
		this.resume();
		await this.program.stop();
		this.directory.remove();
	}
}
