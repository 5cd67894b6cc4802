import { expect, type Page, test } from '@playwright/test';
import { complaints, soundEverywhere } from '../support/checks.js';
import { push } from '../support/images.js';
import { Registry } from '../support/registry.js';
import { addRegistry, signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let registry: Registry;
let state: Awaited<ReturnType<typeof signedIn>>;
let [before, after] = ['', ''];
const api = '/registries/lab/team~api';

/** Looks at the tags until one of them points there. */
async function seen(page: Page, digest: string): Promise<void> {
	await expect(async () => {
		await page.goto(wharfinger.root + api);
		await expect(page.locator('tbody')).toContainText(digest.slice(7), { timeout: 1_000 });
	}).toPass({ timeout: 40_000 });
}

test.beforeAll(async ({ browser }) => {
	test.setTimeout(90_000);
	[wharfinger, registry] = await Promise.all([Wharfinger.start(), Registry.start()]);
	before = push(registry, 'team/api', ['latest', 'v1'], { layers: ['base', 'one'] });
	push(registry, 'team/quiet', ['v1'], { layers: ['base'] });
	state = await signedIn(browser, wharfinger, async (page) => {
		await addRegistry(page, wharfinger.root, { name: 'lab', address: registry.address });
		await page.goto(`${wharfinger.root}/registries/lab/team~quiet`);
		await seen(page, before);
		after = push(registry, 'team/api', ['latest'], { layers: ['base', 'two'] });
		await seen(page, after);
	});
});
test.afterAll(() => Promise.all([wharfinger?.remove(), registry?.remove()]));
test.beforeEach(({ context }) => context.addCookies(state.cookies));

test('a tag that moved stands in the history with where it pointed and where it points', async ({ page }) => {
	await page.goto(wharfinger.root + api);
	await page.getByRole('navigation', { name: 'team/api' }).getByRole('link', { name: 'History' }).click();
	const rows = page.getByRole('main').locator('.entries tbody tr');
	await expect(rows).toHaveCount(1);
	await expect(rows.first()).toContainText('moved');
	await expect(rows.first().locator('td').nth(2)).toContainText(before.slice(7));
	await expect(rows.first().locator('td').nth(3)).toContainText(after.slice(7));
	await rows.first().getByRole('link', { name: /Compare/ }).click();
	await expect(page).toHaveURL(/\/compare\?a=/);
});

test('from an image to the history of its tag, and to what stood there before', async ({ page }) => {
	await page.goto(`${wharfinger.root}${api}/tags/latest`);
	await page.getByRole('link', { name: 'History' }).first().click();
	await expect(page).toHaveURL(/history\?tag=latest/);
	await expect(page.getByRole('main')).toContainText('latest points to');
	await page.getByRole('main').locator('.entries tbody tr').first().locator('td').nth(2).getByRole('link').click();
	await expect(page).toHaveURL(new RegExp(before));
	await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('the history is filtered by tag, and says what is no tag', async ({ page }) => {
	await page.goto(`${wharfinger.root}${api}/history`);
	await page.getByLabel('Tag', { exact: true }).fill('v1');
	await page.getByRole('main').getByRole('button', { name: 'Filter' }).click();
	await expect(page.getByRole('main').getByRole('heading', { level: 2 })).toContainText('No move of team/api:v1 was seen');
	await page.getByRole('link', { name: /tag v1/ }).click();
	await expect(page.getByRole('main').locator('.entries tbody tr')).toHaveCount(1);
	await page.goto(`${wharfinger.root}${api}/history?tag=${encodeURIComponent('not a tag')}`);
	await expect(page.getByRole('alert')).toContainText('The history of all tags is shown.');
});

test('a repository in which nothing moved says since when it is watched', async ({ page }) => {
	await page.goto(`${wharfinger.root}/registries/lab/team~quiet/history`);
	await expect(page.getByRole('main')).toContainText('The repository is watched since');
});

for (const path of [`${api}/history`, `${api}/history?tag=latest`, '/registries/lab/team~quiet/history']) {
	test(`${path}: no complaints, accessible in light and dark, fits a phone @live`, async ({ page }) => {
		const found = complaints(page);
		await page.goto(wharfinger.root + path);
		await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		await soundEverywhere(page);
		expect(found).toEqual([]);
	});
}
