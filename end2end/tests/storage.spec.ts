import { expect, test } from '@playwright/test';
import { randomBytes } from 'node:crypto';
import { complaints, soundEverywhere } from '../support/checks.js';
import { push } from '../support/images.js';
import { Registry } from '../support/registry.js';
import { addRegistry, signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let registry: Registry;
let state: Awaited<ReturnType<typeof signedIn>>;

test.beforeAll(async ({ browser }) => {
	[wharfinger, registry] = await Promise.all([Wharfinger.start(), Registry.start()]);
	// More than a mebibyte each, whatever gzip makes of it.
	const [base, own] = [randomBytes(60_000).toString('base64'), randomBytes(40_000).toString('base64')];
	push(registry, 'team/api', ['v1', 'latest'], { layers: [base, own] });
	push(registry, 'team/api', ['v2'], { layers: [base, own, 'something new'] });
	push(registry, 'team/web', ['v1'], { layers: [base, 'web'] });
	push(registry, 'zoo', ['v1'], { layers: ['small'] });
	state = await signedIn(browser, wharfinger, async (page) => {
		await addRegistry(page, wharfinger.root, { name: 'lab', address: registry.address });
		for (const repository of ['team~api', 'team~web', 'zoo']) {
			await expect(async () => {
				await page.goto(`${wharfinger.root}/registries/lab/${repository}`);
				await expect(page.getByRole('main').getByText('not read yet')).toHaveCount(0, { timeout: 500 });
				await expect(page.getByRole('main').locator('tbody th[scope=row]').first()).toBeVisible({ timeout: 500 });
			}).toPass();
		}
	});
});
test.afterAll(() => Promise.all([wharfinger?.remove(), registry?.remove()]));
test.beforeEach(({ context }) => context.addCookies(state.cookies));

test('a registry’s storage is told with its sums, its repositories and its largest layers', async ({ page }) => {
	await page.goto(`${wharfinger.root}/registries/lab`);
	await page.getByRole('navigation', { name: 'lab' }).getByRole('link', { name: 'Storage' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Storage of lab');
	const main = page.getByRole('main');
	const sums = main.getByRole('region', { name: 'What is stored' });
	await expect(sums.locator('tfoot')).toContainText(/Stored.*MB/s);
	await expect(sums.locator('tbody tr')).toHaveCount(2);
	const repositories = main.getByRole('region', { name: 'Repositories' });
	await expect(repositories.locator('tbody th[scope=row] a')).toHaveText(['team/api', 'team/web', 'zoo']);
	await repositories.getByRole('link', { name: 'Repository' }).click();
	await expect(page).toHaveURL(/sort=name/);
	const layers = main.getByRole('region', { name: 'Largest layers' });
	await expect(layers.locator('tbody tr')).toHaveCount(2);
	await expect(layers.locator('tbody tr').first()).toContainText('team/api, team/web');
	await expect(layers.locator('tbody tr').last()).toContainText('only in team/api');
	await layers.getByRole('link', { name: /Which images/ }).first().click();
	await expect(page).toHaveURL(/\/search\?q=sha256/);
});

test('a namespace is opened and closed by a sum of its own', async ({ page }) => {
	await page.goto(`${wharfinger.root}/storage/lab`);
	const namespaces = page.getByRole('region', { name: 'Namespaces' });
	await expect(namespaces.locator('tbody th[scope=row] a')).toHaveText(['team/', 'without a namespace']);
	await namespaces.getByRole('link', { name: 'team/' }).click();
	const repositories = page.getByRole('region', { name: 'Repositories' });
	await expect(repositories.locator('tbody th[scope=row] a')).toHaveText(['team/api', 'team/web']);
	await expect(repositories.locator('tfoot')).toContainText('All of them together');
	await repositories.getByRole('link', { name: /in team\// }).click();
	await expect(repositories.locator('tbody tr')).toHaveCount(3);
});

test('a repository’s tags say what each would free', async ({ page }) => {
	await page.goto(`${wharfinger.root}/registries/lab/team~api`);
	await page.getByRole('navigation', { name: 'team/api' }).getByRole('link', { name: 'Storage' }).click();
	const tags = page.getByRole('region', { name: 'Tags' });
	await expect(tags.locator('tbody tr')).toHaveCount(3);
	const row = (name: string) => tags.locator('tbody tr').filter({ has: page.getByRole('link', { name, exact: true }) });
	// Two tags on one image: neither frees anything by itself.
	await expect(row('v1').locator('td[data-label="freed if gone"]')).toHaveText(/^0 B$/);
	await expect(row('v1')).toContainText('with 1 other tag');
	await expect(row('v2').locator('td[data-label="freed if gone"]')).not.toHaveText(/^0 B$/);
	await expect(page.getByRole('region', { name: 'What is stored' }).locator('tfoot')).toContainText('MB');
});

test('a registry of which nothing is read says so', async ({ page }) => {
	await addRegistry(page, wharfinger.root, { name: `empty-${test.info().project.name}`, address: 'http://127.0.0.1:9' });
	await page.goto(`${wharfinger.root}/storage/empty-${test.info().project.name}`);
	await expect(page.getByRole('main').getByRole('heading', { level: 2 }).first()).toContainText('Nothing of');
	await expect(page.getByRole('link', { name: 'Open the repositories' })).toBeVisible();
});

test('the overview tells what is stored', async ({ page }) => {
	await page.goto(wharfinger.root);
	const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'lab', exact: true }) });
	await expect(row.locator('td[data-label=stored]')).toContainText('MB');
});

for (const path of ['/storage/lab', '/storage/lab?namespace=team', '/registries/lab/team~api/storage']) {
	test(`${path}: no complaints, accessible in light and dark, fits a phone @live`, async ({ page }) => {
		const found = complaints(page);
		await page.goto(wharfinger.root + path);
		await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		await soundEverywhere(page);
		expect(found).toEqual([]);
	});
}
