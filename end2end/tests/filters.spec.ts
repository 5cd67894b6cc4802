import { expect, type Page, test } from '@playwright/test';
import { accessible, complaints, fits, live, soundEverywhere } from '../support/checks.js';
import { push } from '../support/images.js';
import { Registry } from '../support/registry.js';
import { addRegistry, signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let registry: Registry;
let state: Awaited<ReturnType<typeof signedIn>>;

test.beforeAll(async ({ browser }) => {
	[wharfinger, registry] = await Promise.all([Wharfinger.start(), Registry.start()]);
	push(registry, 'storefront/web', ['v1.9.0'], { layers: ['base', 'old'], created: '2024-10-01T10:00:00Z', labels: { team: 'shop' } });
	push(registry, 'storefront/web', ['v1.10.0', 'latest'], { layers: ['base', 'new', 'assets'], labels: { team: 'shop', tier: 'front' } });
	push(registry, 'storefront/web', ['nightly'], { layers: ['base', 'nightly'] });
	push(registry, 'tools/lint', ['1'], { layers: ['lint'], created: '2023-01-01T00:00:00Z' });
	state = await signedIn(browser, wharfinger, async (page) => {
		await addRegistry(page, wharfinger.root, { name: 'lab', address: registry.address });
		for (const path of ['/registries/lab', web, '/registries/lab/tools~lint']) {
			await expect(async () => {
				await page.goto(wharfinger.root + path);
				await expect(page.getByText('not read yet')).toHaveCount(0, { timeout: 200 });
				await expect(page.locator('tbody th[scope=row] a').first()).toBeVisible({ timeout: 200 });
			}).toPass();
		}
	});
});
test.afterAll(() => Promise.all([wharfinger?.remove(), registry?.remove()]));
test.beforeEach(({ context }) => context.addCookies(state.cookies));

const web = '/registries/lab/storefront~web';
const rows = (page: Page) => page.getByRole('main').locator('tbody th[scope=row] a');
const filter = (page: Page) => page.locator('.filters').getByRole('button', { name: 'Filter', exact: true }).click();

test('filters are filled in, combine, and live in the address', async ({ page }) => {
	await page.goto(wharfinger.root + web);
	await page.getByText('More filters').click();
	await page.getByRole('textbox', { name: 'Version' }).fill('1.x');
	await page.getByLabel('Label', { exact: true }).fill('team=shop');
	await filter(page);
	await expect(rows(page)).toHaveText(['v1.10.0', 'v1.9.0']);
	expect(new URL(page.url()).search, 'only what was asked for').toBe('?version=1.x&label=team%3Dshop');
	await page.getByRole('textbox', { name: 'Newer than' }).fill('1y');
	await filter(page);
	await expect(rows(page)).toHaveText(['v1.10.0']);
	await page.locator('.chip', { hasText: 'newer than' }).click();
	await expect(rows(page)).toHaveText(['v1.10.0', 'v1.9.0']);
	await page.goBack();
	await expect(rows(page)).toHaveText(['v1.10.0']);
});

test('what is wrong is told beside its field, and nothing typed is lost', async ({ page }, info) => {
	await page.goto(`${wharfinger.root}${web}?q=v1`);
	await page.getByText('More filters').click();
	await page.getByRole('textbox', { name: 'Older than' }).fill('30');
	await page.getByRole('textbox', { name: 'Larger than' }).fill('huge');
	await filter(page);
	await expect(page.getByRole('textbox', { name: 'Older than' })).toHaveValue('30');
	await expect(page.getByRole('textbox', { name: 'Older than' })).toHaveAttribute('aria-invalid', 'true');
	await expect(page.locator('#older-error')).toContainText('30d');
	await expect(page.locator('#larger-error')).toBeVisible();
	await expect(page.getByLabel('Tag', { exact: true })).toHaveValue('v1');
	if (info.project.name === 'live') await accessible(page);
	await page.getByRole('textbox', { name: 'Older than' }).fill('30d');
	await page.getByRole('textbox', { name: 'Larger than' }).fill('');
	await filter(page);
	await expect(rows(page)).toHaveText(['v1.9.0']);
});

test('an empty list says what is in force and drops it', async ({ page }) => {
	await page.goto(`${wharfinger.root}${web}?q=v1&larger=1TB`);
	await expect(page.getByText('is like that')).toBeVisible();
	await page.locator('.empty .chip', { hasText: 'larger than 1 TB' }).click();
	await expect(rows(page)).toHaveText(['v1.10.0', 'v1.9.0']);
	await page.goto(`${wharfinger.root}${web}?q=nothing&larger=1TB&sort=size`);
	await page.getByRole('link', { name: 'Clear all filters' }).click();
	await expect(rows(page)).toHaveCount(4);
	await expect(page).toHaveURL(/\?sort=size$/);
});

test('columns sort and say so', async ({ page }) => {
	await page.goto(wharfinger.root + web);
	for (const [word, key] of [['Size', 'size'], ['Built', 'created'], ['Moved', 'moved']]) {
		await page.getByRole('columnheader', { name: word, exact: true }).getByRole('link').click();
		await expect(page).toHaveURL(new RegExp(`sort=${key}`));
		await expect(page.locator('th[aria-sort=descending]')).toHaveText(word!);
	}
	await page.goto(`${wharfinger.root}/registries/lab`);
	for (const [word, key] of [['Freed if gone', 'exclusive'], ['Stored', 'bytes'], ['Newest built', 'newest']]) {
		await page.getByRole('columnheader', { name: word }).getByRole('link').click();
		await expect(page).toHaveURL(new RegExp(`sort=${key}`));
		await expect(page.locator('th[aria-sort=descending]')).toHaveText(word!);
	}
	await page.getByRole('columnheader', { name: 'Newest built' }).getByRole('link').click();
	await expect(page.locator('th[aria-sort=ascending]')).toHaveText('Newest built');
});

test('tags and repositories of all registries', async ({ page }) => {
	await page.goto(`${wharfinger.root}/tags?version=1.x&sort=name`);
	await expect(rows(page)).toHaveText(['tools/lint:1', 'storefront/web:v1.10.0', 'storefront/web:v1.9.0']);
	await page.goto(`${wharfinger.root}/repositories?older=1y`);
	await expect(rows(page)).toHaveText(['tools/lint']);
});

test('what lost its tag is reached from the tags', async ({ page }) => {
	await page.goto(`${wharfinger.root}${web}?tagged=no`);
	await expect(page.getByText('without a tag').first()).toBeVisible();
	await page.getByRole('main').locator('.chip').first().click();
	await expect(rows(page)).toHaveCount(4);
});

test('f leads to the filter @live', async ({ page }) => {
	await page.goto(wharfinger.root + web);
	await live(page);
	await page.keyboard.press('f');
	await expect(page.getByLabel('Tag', { exact: true })).toBeFocused();
	await page.keyboard.type('night');
	await page.keyboard.press('Enter');
	await expect(rows(page)).toHaveText(['nightly']);
});

for (const path of [`${web}?q=v1&older=1d&label=team`, '/registries/lab?older=1y&sort=bytes', '/tags', '/repositories?q=web', `${web}?tagged=no`, `${web}?q=none&kind=index`]) {
	test(`${path}: no complaints, accessible in light and dark, fits a phone @live`, async ({ page }) => {
		const found = complaints(page);
		await page.goto(wharfinger.root + path);
		await soundEverywhere(page);
		expect(found).toEqual([]);
	});
	test(`${path}: whole without a script @plain`, async ({ page }) => {
		await page.goto(wharfinger.root + path);
		await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
		await page.setViewportSize({ width: 375, height: 740 });
		await fits(page);
	});
}
