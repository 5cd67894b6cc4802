import { expect, test, type Page } from '@playwright/test';
import { complaints, soundEverywhere } from '../support/checks.js';
import { push } from '../support/images.js';
import { freePort } from '../support/process.js';
import { Registry } from '../support/registry.js';
import { addRegistry, person, signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let state: Awaited<ReturnType<typeof signedIn>>;
const started: { remove: () => Promise<void> }[] = [];

test.beforeAll(async ({ browser }) => {
	wharfinger = await Wharfinger.start({ publicly: true });
	state = await signedIn(browser, wharfinger);
});
test.afterAll(() => Promise.all([wharfinger, ...started].map((one) => one?.remove())));
test.beforeEach(({ context }) => context.addCookies(state.cookies));

const tokens = (name: string) => `${wharfinger.root}/settings/registries/${name}/tokens`;
const check = (page: Page) => page.getByRole('region', { name: 'Does it use it?' });

/** Adds a registry that comes with our own tokens; nothing listens there yet. */
async function add(page: Page, name: string, port: number): Promise<void> {
	await page.goto(`${wharfinger.root}/settings/registries/new`);
	await page.locator('[name=name]').fill(name);
	await page.locator('[name=address]').fill(`http://127.0.0.1:${port}`);
	await page.getByRole('radio', { name: 'This program’s token server' }).check();
	await page.getByRole('button', { name: 'Add registry' }).click();
	await expect(page.getByText('The registry is added.')).toBeVisible();
}

/** What stands in the box with this title. */
async function written(page: Page, title: string): Promise<string> {
	const box = page.locator('details', { has: page.locator('summary', { hasText: title }) });
	return (await box.locator('pre').textContent()) ?? '';
}

/** Starts a registry with what the page wrote and the certificates that anybody can fetch. */
async function configured(page: Page, name: string, port: number): Promise<Registry> {
	await page.goto(tokens(name));
	const yaml = await written(page, 'distribution 2.8');
	expect(yaml).toContain(`realm: ${wharfinger.root}/token\n`);
	const address = await page.getByRole('link', { name: /certificates\.pem/ }).getAttribute('href');
	const certificates = await fetch(address!);
	expect(certificates.status, 'without signing in').toBe(200);
	const path = '/etc/wharfinger/tokens.pem';
	expect(yaml).toContain(`rootcertbundle: ${path}`);
	const registry = await Registry.start({
		port, deleting: true, pasted: { yaml, path, file: await certificates.text() }, login: { user: person.name, password: person.password },
	});
	started.push(registry);
	return registry;
}

test('a registry that is configured with what the page writes uses it, and Wharfinger comes in too', async ({ page }, info) => {
	const [name, port] = [`closed-${info.project.name}`, await freePort()];
	await add(page, name, port);
	const registry = await configured(page, name, port);
	push(registry, 'team/api', ['v1.0.0']);
	expect((await fetch(`${registry.address}/v2/_catalog`)).status, 'closed to strangers').toBe(401);

	await page.goto(tokens(name));
	await expect(check(page)).toContainText('Not checked since Wharfinger started.');
	await page.getByRole('button', { name: 'Check the registry' }).click();
	await expect(check(page)).toContainText('The registry uses this token server. Something is still open.');
	const found = check(page).locator('.findings');
	await expect(found).toContainText('It takes a token of ours, and lets it pull.');
	await expect(found).toContainText('It refuses tokens of another key, for another registry, and whose time is over.');
	await expect(found).toContainText('Strangers can’t read the list of repositories.');
	// All that is open on this machine: nothing here has TLS.
	await expect(found.locator('li', { hasText: 'open:' })).toHaveCount(1);
	await expect(found.locator('li', { hasText: 'open:' })).toContainText('in the clear');
	await expect(page.getByRole('button', { name: 'Check again' })).toBeVisible();

	await page.goto(`${wharfinger.root}/reading/${name}`);
	await page.getByRole('button', { name: 'Refresh everything now' }).click();
	await expect(async () => {
		await page.goto(`${wharfinger.root}/registries/${name}`);
		await page.getByRole('main').getByRole('link', { name: /api/ }).first().click({ timeout: 1_000 });
	}).toPass();
	await expect(page.getByRole('main').getByRole('link', { name: 'v1.0.0', exact: true })).toBeVisible();
});

test('a registry that is open to everybody is found so, with what to do', async ({ page }, info) => {
	const name = `open-${info.project.name}`;
	const open = await Registry.start();
	started.push(open);
	await addRegistry(page, wharfinger.root, { name, address: open.address });
	await page.getByRole('link', { name: 'Tokens' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Tokens of ${name}`);
	await page.getByRole('button', { name: 'Check the registry' }).click();
	await expect(check(page)).toContainText('The registry does not use this token server.');
	await expect(check(page)).toContainText('It asks nobody to sign in');
	await expect(check(page)).toContainText('Take the configuration below into use, and restart the registry.');
});

test('how tokens are issued is chosen, refused where it is wrong, and written down', async ({ page }, info) => {
	const name = `settings-${info.project.name}`;
	await add(page, name, await freePort());
	await page.goto(tokens(name));
	await page.getByRole('spinbutton', { name: 'Seconds that a token lives' }).fill('30');
	await page.getByRole('button', { name: 'Save the settings' }).click();
	await expect(page.getByText('Enter a number from 60 to 300.')).toBeVisible();
	await expect(page.locator('[name=seconds]')).toHaveValue('30');

	await page.locator('[name=seconds]').fill('120');
	await page.getByRole('checkbox', { name: /People may sign in with their passwords/ }).uncheck();
	await page.getByRole('radio', { name: /^EdDSA/ }).check();
	await page.getByRole('button', { name: 'Save the settings' }).click();
	await expect(page.getByText('The settings are saved.')).toBeVisible();
	await expect(page.getByText('Tokens live 120 s')).toBeVisible();
	await expect(page.getByText('no passwords', { exact: true })).toBeVisible();
	await expect(page.locator('summary', { hasText: 'distribution 2.8' })).toHaveCount(0);
	expect(await written(page, 'distribution 3')).toContain('signingalgorithms:\n      - EdDSA\n');

	await page.goto(`${wharfinger.root}/audit?q=${name}`);
	await expect(page.getByRole('row', { name: /registry\.tokens/ }).first()).toContainText('done');
});

test('the page is sound in light, dark and on a phone @live', async ({ page }, info) => {
	const found = complaints(page);
	const name = `sound-${info.project.name}`;
	await add(page, name, await freePort());
	await page.goto(tokens(name));
	await page.getByRole('button', { name: 'Check the registry' }).click();
	await expect(check(page)).toContainText('The registry does not use this token server.');
	await soundEverywhere(page);
	expect(found).toEqual([]);
});

test('without an address of its own nothing is written, and the page says why', async ({ browser, page }) => {
	const local = await Wharfinger.start();
	started.push(local);
	const { cookies } = await signedIn(browser, local);
	await page.context().clearCookies();
	await page.context().addCookies(cookies);
	await addRegistry(page, local.root, { name: 'lab', address: 'http://127.0.0.1:1' });
	await page.goto(`${local.root}/settings/registries/lab/tokens`);
	await expect(page.getByText('Wharfinger does not know its own address.')).toBeVisible();
	await expect(page.getByText('wharfinger serve --public-url https://wharfinger.example.com')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Check the registry' })).toHaveAttribute('aria-disabled', 'true');
	await expect(page.locator('details summary')).toHaveCount(0);
});
