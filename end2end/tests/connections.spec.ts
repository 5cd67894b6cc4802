import { expect, test } from '@playwright/test';
import { push } from '../support/images.js';
import { Registry } from '../support/registry.js';
import { addRegistry, signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let guarded: Registry;
let trusted: Registry;
let state: Awaited<ReturnType<typeof signedIn>>;

test.beforeAll(async ({ browser }) => {
	[wharfinger, guarded, trusted] = await Promise.all([
		Wharfinger.start(),
		Registry.start({ password: { user: 'wharfinger', password: 'keep out' } }),
		Registry.start({ tls: true, deleting: true }),
	]);
	push(guarded, 'team/api', ['v1.0.0']);
	push(trusted, 'team/api', ['v1.0.0']);
	state = await signedIn(browser, wharfinger);
});
test.afterAll(() => Promise.all([wharfinger?.remove(), guarded?.remove(), trusted?.remove()]));
test.beforeEach(({ context }) => context.addCookies(state.cookies));

test('a registry with a password is tested, added, found able, browsed and removed', async ({ page }, info) => {
	const name = `guarded-${info.project.name}`;
	await page.goto(`${wharfinger.root}/settings/registries/new`);
	await page.locator('[name=name]').fill(name);
	await page.locator('[name=address]').fill(guarded.address);
	await page.getByRole('radio', { name: 'Basic' }).check();
	await page.locator('[name=username]').fill('wharfinger');
	await page.locator('[name=password]').fill('let me in');
	await page.getByRole('button', { name: 'Test' }).click();
	const findings = page.locator('.findings');
	await expect(findings.getByText('Credentials')).toBeVisible();
	await expect(page.getByText('It refuses our credentials')).toBeVisible();
	await expect(page.locator('[name=name]')).toHaveValue(name);
	await expect(page.locator('[name=password]')).toHaveValue('');

	await page.locator('[name=password]').fill('keep out');
	await page.getByRole('button', { name: 'Add registry' }).click();
	await expect(page.getByText('The registry is added.')).toBeVisible();
	await expect(findings).toContainText('accepted as wharfinger');
	await expect(findings).toContainText('1 repositories');
	await expect(findings).toContainText('enabled: true');
	expect(await page.content()).not.toContain('keep out');

	await page.getByRole('link', { name: 'Browse' }).click();
	await page.getByRole('main').getByRole('link', { name: /api/ }).first().click();
	await expect(page.getByRole('main').getByRole('link', { name: 'v1.0.0', exact: true })).toBeVisible();

	await page.goto(`${wharfinger.root}/settings/registries/${name}/remove`);
	await page.locator('[name=confirm]').fill('something');
	await page.getByRole('button', { name: `Remove registry ${name}` }).click();
	await expect(page.getByText(`Type ${name}.`)).toBeVisible();
	await page.locator('[name=confirm]').fill(name);
	await page.getByRole('button', { name: `Remove registry ${name}` }).click();
	await expect(page.getByText('The registry is removed from here.')).toBeVisible();

	await page.goto(`${wharfinger.root}/audit?q=${name}`);
	await expect(page.getByRole('row', { name: /registry\.add/ })).toContainText('done');
	await expect(page.getByRole('row', { name: /registry\.remove/ }).last()).toContainText('done');
	expect(await page.content()).not.toContain('keep out');
});

test('a registry with its own authority is trusted once that is pasted', async ({ page }, info) => {
	const name = `trusted-${info.project.name}`;
	await addRegistry(page, wharfinger.root, { name, address: trusted.address });
	await expect(page.locator('.findings')).toContainText('TLS');
	await expect(page.getByText('Its certificate is not trusted').first()).toBeVisible();

	await page.getByRole('radio', { name: 'The authority below' }).check();
	await page.locator('[name=authority]').fill(trusted.tls!.pem);
	await page.getByRole('button', { name: `Save ${name}` }).click();
	await expect(page.getByText('The connection is saved.')).toBeVisible();
	await expect(page.locator('.findings')).toContainText('Test Authority');
	await expect(page.locator('.findings')).toContainText('Deleting allowed');

	await page.goto(`${wharfinger.root}/settings/registries/${name}/use`);
	await expect(page.getByText('certs.d').first()).toBeVisible();
});

test('all that is wrong with a form is said at once, and nothing typed is lost', async ({ page }) => {
	await page.goto(`${wharfinger.root}/settings/registries/new`);
	await page.locator('[name=name]').fill('Not Good');
	await page.locator('[name=address]').fill('ftp://registry.example.com');
	await page.locator('[name=description]').fill('what CI builds');
	await page.getByRole('button', { name: 'Add registry' }).click();
	await expect(page.getByText('A name is made of a to z, 0 to 9 and hyphens.')).toBeVisible();
	await expect(page.getByText('An address begins with https:// or http://.')).toBeVisible();
	await expect(page.locator('[name=description]')).toHaveValue('what CI builds');
	await expect(page.locator('[name=name]')).toHaveAttribute('aria-invalid', 'true');
});

test('a pasted config.json fills user and password; helpers are explained', async ({ page }) => {
	await page.goto(`${wharfinger.root}/settings/registries/new`);
	await page.locator('[name=name]').fill('pasted');
	await page.locator('[name=address]').fill(guarded.address);
	await page.getByText('Paste a Docker config.json instead').click();
	await page.locator('[name=docker_config]').fill(JSON.stringify({ credsStore: 'desktop' }));
	await page.getByRole('button', { name: 'Fill from config.json' }).click();
	await expect(page.getByText(/desktop/).last()).toBeVisible();

	const auth = Buffer.from('wharfinger:keep out').toString('base64');
	if (!(await page.locator('[name=docker_config]').isVisible())) await page.getByText('Paste a Docker config.json instead').click();
	await page.locator('[name=docker_config]').fill(JSON.stringify({ auths: { [guarded.host]: { auth } } }));
	await page.getByRole('button', { name: 'Fill from config.json' }).click();
	await expect(page.locator('[name=username]')).toHaveValue('wharfinger');
	await expect(page.locator('[name=password]')).toHaveValue('');
	await page.getByRole('button', { name: 'Test' }).click();
	await expect(page.locator('.findings')).toContainText('accepted as wharfinger');
});
