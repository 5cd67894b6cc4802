import { expect, type Page, test } from '@playwright/test';
import { complaints, soundEverywhere } from '../support/checks.js';
import { push } from '../support/images.js';
import { Registry } from '../support/registry.js';
import { addRegistry, signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let registry: Registry;
let state: Awaited<ReturnType<typeof signedIn>>;

const row = (page: Page, check: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: check }) });

test.beforeAll(async ({ browser }) => {
	[wharfinger, registry] = await Promise.all([Wharfinger.start(), Registry.start()]);
	push(registry, 'prod/web', ['latest'], { layers: ['base', 'web'], env: ['PATH=/bin', 'DB_PASSWORD=hunter2'] });
	push(registry, 'team/api', ['v1', 'v2'], { layers: ['base', 'api'], created: '2019-03-01T10:00:00Z' });
	state = await signedIn(browser, wharfinger, async (page) => {
		await addRegistry(page, wharfinger.root, { name: 'lab', address: registry.address });
		// What is found comes with what is read in the background.
		await expect(async () => {
			for (const path of ['/registries/lab/prod~web', '/registries/lab/team~api']) await page.goto(wharfinger.root + path);
			await page.goto(`${wharfinger.root}/health/lab`);
			await expect(row(page, 'Only the tag latest').getByRole('link')).toHaveText('1', { timeout: 1_000 });
			await expect(row(page, 'Not moved in two years').getByRole('link')).toHaveText('2', { timeout: 1_000 });
		}).toPass({ timeout: 40_000 });
	});
});
test.afterAll(() => Promise.all([wharfinger?.remove(), registry?.remove()]));
test.beforeEach(({ context }) => context.addCookies(state.cookies));

test('checks say what they found, what it means and what to do', async ({ page }) => {
	await page.goto(`${wharfinger.root}/registries/lab`);
	await page.getByRole('navigation', { name: 'lab' }).getByRole('link', { name: 'Content health' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Content health of lab');
	await expect(row(page, 'latest in production')).toContainText('Deploy by version or by digest');
	await expect(row(page, 'Schema 1')).toContainText('none');
	await expect(row(page, 'Variables that look like secrets').getByRole('link')).toHaveText('1');
	// The worst level stands first.
	await expect(page.locator('.checks tbody tr').first()).toContainText('Index with missing children');
});

test('a check lists where it strikes', async ({ page }) => {
	await page.goto(`${wharfinger.root}/health/lab`);
	await row(page, 'Variables that look like secrets').getByRole('link').click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Variables that look like secrets');
	const where = page.getByRole('region', { name: 'Where' }).locator('tbody tr');
	await expect(where).toHaveCount(1);
	await expect(where.first()).toContainText('prod/web:latest');
	await expect(where.first()).toContainText('DB_PASSWORD');
	await expect(page.getByRole('main')).not.toContainText('hunter2');
	await where.first().getByRole('link').first().click();
	await expect(page.getByRole('heading', { level: 1 })).toContainText('latest');
});

test('checks of tags count tags and list them', async ({ page }) => {
	await page.goto(`${wharfinger.root}/health/lab`);
	await expect(row(page, 'Not moved in two years')).toContainText('2 tags');
	await expect(row(page, 'Only the tag latest')).toContainText('1 repository');
	await row(page, 'Not moved in two years').getByRole('link').click();
	const where = page.getByRole('region', { name: 'Where' });
	await expect(where.locator('tbody tr')).toHaveCount(2);
	await expect(where.locator('tbody tr').first()).toContainText('team/api:v1');
	await expect(where.locator('tbody tr').first()).toContainText(/built/);
	await expect(where).toContainText('2 tags shown, 2 tags found');
	await page.goto(`${wharfinger.root}/health/lab?check=latest-in-production`);
	await where.getByRole('link', { name: 'prod/web:latest' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toContainText('latest');
});

test('a check that found nothing says so', async ({ page }) => {
	await page.goto(`${wharfinger.root}/health/lab?check=schema-1`);
	await expect(page.getByRole('main').getByRole('heading', { level: 2 })).toHaveText('It found nothing here');
	const answer = await page.goto(`${wharfinger.root}/health/lab?check=no-such-check`);
	expect(answer?.status()).toBe(404);
});

test('a check is switched off and on again, and the log says who did it', async ({ page }) => {
	// Each way of running switches a check of its own: both run at once.
	const check = test.info().project.name === 'live' ? 'Unknown base image' : 'No build time';
	await page.goto(`${wharfinger.root}/health/lab`);
	await page.getByRole('button', { name: `Switch off: ${check}` }).click();
	await expect(page.getByRole('button', { name: `Switch on: ${check}` })).toBeVisible();
	await expect(page.locator('.checks tbody').last()).toContainText(check);
	await page.goto(`${wharfinger.root}/audit?act=check.`);
	await expect(page.getByRole('main')).toContainText('check.switch-off');
	await page.goto(`${wharfinger.root}/health/lab`);
	await page.getByRole('button', { name: `Switch on: ${check}` }).click();
	await expect(page.getByRole('button', { name: `Switch off: ${check}` })).toBeVisible();
});

test('the overview leads to what was found', async ({ page }) => {
	await page.goto(wharfinger.root);
	await page.getByRole('link', { name: 'See the checks' }).click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Content health of lab');
});

for (const path of ['/health/lab', '/health/lab?check=secret-names', '/health/lab?check=latest-alone', '/health/lab?check=old-tag', '/health/lab?check=schema-1']) {
	test(`${path}: no complaints, accessible in light and dark, fits a phone @live`, async ({ page }) => {
		const found = complaints(page);
		await page.goto(wharfinger.root + path);
		await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		await soundEverywhere(page);
		expect(found).toEqual([]);
	});
}
