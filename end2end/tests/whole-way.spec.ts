// The whole way in the browser: from nothing to a robot that pushes, and to the push that its grant does not allow.
import { expect, type Page, test } from '@playwright/test';
import { push } from '../support/images.js';
import { freePort } from '../support/process.js';
import { Registry } from '../support/registry.js';
import { setUp, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let registry: Registry | undefined;
test.beforeEach(async () => void (wharfinger = await Wharfinger.start({ publicly: true })));
test.afterEach(() => Promise.all([wharfinger, registry].map((one) => one?.remove())));

/** Adds a registry that trusts nobody but us, and starts it with the configuration that the page writes. */
async function closed(page: Page): Promise<Registry> {
	const port = await freePort();
	await page.getByRole('main').getByRole('link', { name: 'Add a registry' }).first().click();
	await page.locator('[name=name]').fill('production');
	await page.locator('[name=address]').fill(`http://127.0.0.1:${port}`);
	await page.getByRole('radio', { name: 'This program’s token server' }).check();
	await page.getByRole('button', { name: 'Add registry' }).click();
	await expect(page.getByText('The registry is added.')).toBeVisible();
	await page.goto(`${wharfinger.root}/settings/registries/production/tokens`);
	const box = page.locator('details', { has: page.locator('summary', { hasText: 'distribution 2.8' }) });
	const yaml = (await box.locator('pre').textContent()) ?? '';
	const certificates = await fetch((await page.getByRole('link', { name: /certificates\.pem/ }).getAttribute('href'))!);
	const pasted = { yaml, path: '/etc/wharfinger/tokens.pem', file: await certificates.text() };
	return Registry.start({ port, deleting: true, pasted });
}

/** Makes a team, a robot of it and a secret; the name and the secret that it signs in with. */
async function robot(page: Page): Promise<{ user: string; password: string }> {
	await page.goto(`${wharfinger.root}/access/teams`);
	await page.getByText('Make a team').click();
	await page.getByLabel('Name', { exact: true }).last().fill('storefront');
	await page.getByRole('button', { name: 'Make team' }).click();
	await page.getByRole('link', { name: 'Make a robot' }).click();
	await page.getByLabel('Name', { exact: true }).last().fill('ci');
	await page.getByLabel('What it is for').fill('builds the storefront');
	await page.getByRole('button', { name: 'Make robot' }).click();
	await page.getByText('Make a secret', { exact: true }).click();
	await page.getByLabel('Where it is used').fill('the build');
	await page.getByRole('button', { name: 'Make secret' }).click();
	await expect(page.getByText('shown only this once')).toBeVisible();
	return { user: 'robot+ci', password: (await page.locator('.notice .command pre').textContent()) ?? '' };
}

test('from an empty dashboard to a robot that pushes what its grant allows, and nothing else', async ({ page }) => {
	test.slow();
	await setUp(page, wharfinger);
	registry = await closed(page);
	const login = await robot(page);
	const by = Object.assign(Object.create(registry) as Registry, { options: { ...registry.options, login } });
	expect(() => push(by, 'storefront/web', ['v1'])).toThrow(/denied|unauthorized/);

	await page.goto(`${wharfinger.root}/access/robots/ci`);
	await page.getByRole('link', { name: 'Grant' }).first().click();
	await page.getByLabel('Role').selectOption('writer');
	await page.getByLabel('On which repositories').fill('storefront/**');
	await page.getByRole('button', { name: 'See what it changes' }).click();
	await page.getByRole('button', { name: /^Grant Writer to/ }).click();
	await expect(page.getByText('The grant is made.')).toBeVisible();
	const digest = push(by, 'storefront/web', ['v1']);
	expect(() => push(by, 'warehouse/stock', ['v1'])).toThrow(/denied|unauthorized/);

	// Wharfinger itself comes in by its own tokens, and shows what was pushed.
	await page.goto(`${wharfinger.root}/registries/production/storefront~web/tags/v1`);
	await expect(page.getByRole('main')).toContainText(digest.slice(7, 15));

	const explain = (act: string, where: string) => page.goto(`${wharfinger.root}/access/explain?who=robot-1&act=${act}&where=${where}`);
	await explain('repository.push', 'production/storefront~web');
	await expect(page.getByRole('main')).toContainText('Yes');
	await explain('tag.delete', 'production/storefront~web');
	await expect(page.getByRole('main')).toContainText('No');

	// What the token server granted and refused stands in the log some seconds later.
	await expect(async () => {
		await page.goto(`${wharfinger.root}/audit?q=token.`);
		await expect(page.getByRole('row', { name: /token\.issue/ }).first()).toBeVisible({ timeout: 500 });
	}).toPass({ timeout: 30_000 });
});
