// Programs that a test starts, and what it waits for.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A port that nothing uses at this moment. */
export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address() as { port: number };
			server.close(() => resolve(port));
		});
	});
}

/** The day so many days from now, as in `2026-11-21`. */
export function daysFromNow(days: number): string {
	return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** A folder that goes with the test. */
export function folder(): { path: string; remove: () => void } {
	const path = mkdtempSync(join(tmpdir(), 'wharfinger-e2e-'));
	return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Asks again and again until `ask` answers, or says what it was waiting for. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, seconds = 20): Promise<T> {
	const end = Date.now() + seconds * 1000;
	for (;;) {
		const answer = await ask().catch(() => undefined);
		if (answer !== undefined) return answer;
		if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
		await new Promise((go) => setTimeout(go, 25));
	}
}

export function run(program: string, args: string[], input?: string): string {
	return execFileSync(program, args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
}

/** A program that runs until the test ends it; what it printed is kept. */
export class Program {
	output = '';
	private ended?: Promise<number | null>;
	private constructor(private readonly child: ChildProcess) {}

	static start(program: string, args: string[], env: Record<string, string> = {}): Program {
		const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
		const made = new Program(child);
		made.ended = new Promise((resolve) => child.once('exit', resolve));
		child.stdout?.on('data', (text) => (made.output += text));
		child.stderr?.on('data', (text) => (made.output += text));
		return made;
	}

	get running(): boolean {
		return this.child.exitCode === null && this.child.signalCode === null;
	}

	async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
		if (this.running) this.child.kill(signal);
		const hard = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
		const code = await this.ended!;
		clearTimeout(hard);
		return code;
	}

	signal(signal: NodeJS.Signals): void {
		this.child.kill(signal);
	}
}
