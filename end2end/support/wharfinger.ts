// The program under test, in a data directory of its own.
import { type Browser, type BrowserContext, expect, type Page } from '@playwright/test';
import { existsSync } from 'node:fs';
import { folder, freePort, Program, until } from './process.js';

export const binary = process.env.WHARFINGER_BIN ?? new URL('../../target/debug/wharfinger', import.meta.url).pathname;

export const person = { name: 'ada', password: 'a harbour at low tide' };

export interface Options {
	args?: string[];
	env?: Record<string, string>;
	/** Below which path people see it. */
	base?: string;
	/** Tell it the address it is reached at: registries send clients there for tokens. */
	publicly?: boolean;
}

export class Wharfinger {
	private constructor(
		readonly port: number,
		readonly data: { path: string; remove: () => void },
		private readonly options: Options,
		public program: Program,
	) {}

	get root(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	static async start(options: Options = {}): Promise<Wharfinger> {
		if (!existsSync(binary)) throw new Error(`${binary} is not there: cargo xtask test builds it`);
		const port = await freePort();
		const data = folder();
		const made = new Wharfinger(port, data, options, undefined as unknown as Program);
		await made.launch();
		return made;
	}

	async launch(): Promise<void> {
		this.program = Program.start(
			binary,
			[
				'serve', '--listen', `127.0.0.1:${this.port}`, '--data-dir', this.data.path,
				...(this.options.publicly ? ['--public-url', this.root] : []), ...(this.options.args ?? []),
			],
			this.options.env,
		);
		await until('wharfinger to be ready', async () => {
			if (!this.program.running) throw new Error(this.program.output);
			return (await fetch(`${this.root}/readyz`)).ok ? true : undefined;
		}).catch((error) => {
			throw new Error(`${error}\n${this.program.output}`);
		});
	}

	/** The one-time link that the start printed, as a path. */
	setupPath(): Promise<string> {
		return until('the setup link', async () => this.program.output.match(/(\/setup\/[A-Za-z0-9_-]{20,})/)?.[1]);
	}

	async remove(): Promise<void> {
		await this.program.stop();
		this.data.remove();
	}
}

/** Makes the first account with the printed link, in this page. */
export async function setUp(page: Page, wharfinger: Wharfinger, root = wharfinger.root): Promise<void> {
	await page.goto(root + (await wharfinger.setupPath()));
	await page.getByLabel('Name').fill(person.name);
	await page.getByLabel('Password', { exact: true }).fill(person.password);
	await page.getByLabel('Password again').fill(person.password);
	await page.getByRole('button', { name: 'Create the account' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
}

/** Fills in the sign-in page that is open, and sends it. */
export async function signIn(page: Page, password = person.password): Promise<void> {
	await page.getByLabel('Name').fill(person.name);
	await page.getByLabel('Password').fill(password);
	await page.getByRole('button', { name: 'Sign in' }).click();
}

/**
 * A signed-in state that pages of a spec can start from: the setup form as a browser sends it, without its pages. What the
 * pages are to find is prepared in one of its own.
 */
export async function signedIn(
	browser: Browser, wharfinger: Wharfinger, prepare?: (page: Page) => Promise<void>,
): Promise<Awaited<ReturnType<BrowserContext['storageState']>>> {
	const context = await browser.newContext();
	const { request } = context;
	await request.get(wharfinger.root + (await wharfinger.setupPath()), { maxRedirects: 0 });
	const { name, password } = person;
	const answer = await request.post(`${wharfinger.root}/do/setup-complete`, {
		form: { name, password, again: password }, headers: { origin: wharfinger.root, accept: 'text/html' }, maxRedirects: 0,
	});
	expect(answer.headers()['location'], await answer.text()).toBe('/');
	const state = await context.storageState();
	await prepare?.(await context.newPage());
	await context.close();
	return state;
}

/** Adds a registry through the form. */
export async function addRegistry(page: Page, root: string, fields: { name: string; address: string } & Record<string, string>): Promise<void> {
	await page.goto(`${root}/settings/registries/new`);
	await page.locator('[name=name]').fill(fields.name);
	await page.locator('[name=address]').fill(fields.address);
	if (fields.user) {
		await page.getByRole('radio', { name: fields.signIn ?? 'Basic' }).check();
		await page.locator('[name=username]').fill(fields.user);
		await page.locator('[name=password]').fill(fields.password!);
	}
	if (fields.authority) {
		await page.getByRole('radio', { name: 'The authority below' }).check();
		await page.locator('[name=authority]').fill(fields.authority);
	}
	await page.getByRole('button', { name: 'Add registry' }).click();
	await expect(page.getByText('The registry is added.')).toBeVisible();
}
