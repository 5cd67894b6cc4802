import { expect, type Page, test } from '@playwright/test';
import { accessible, allSound, complaints, fits, live } from '../support/checks.js';
import { push } from '../support/images.js';
import { Registry } from '../support/registry.js';
import { addRegistry, signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let lab: Registry;
let mirror: Registry;
let state: Awaited<ReturnType<typeof signedIn>>;
let digest: string;
let base: string;

test.beforeAll(async ({ browser }) => {
	[wharfinger, lab, mirror] = await Promise.all([Wharfinger.start(), Registry.start(), Registry.start()]);
	base = push(lab, 'base/debian', ['12'], { layers: ['root'], created: '2026-09-01T10:00:00Z' });
	digest = push(lab, 'storefront/web', ['v1', 'latest'], {
		layers: ['root', 'app'], created: '2026-10-02T10:00:00Z', labels: { 'com.example.team': '<b>Checkout</b>' },
	});
	push(lab, 'tools/web-lint', ['v1-web'], { layers: ['lint'] });
	push(mirror, 'storefront/web', ['v1'], { layers: ['root', 'old app'], created: '2026-10-01T10:00:00Z' });
	state = await signedIn(browser, wharfinger, async (page) => {
		await addRegistry(page, wharfinger.root, { name: 'lab', address: lab.address });
		await addRegistry(page, wharfinger.root, { name: 'mirror', address: mirror.address });
		// Whoever looks at a repository has it read; what is read is found.
		for (const path of ['lab/base~debian', 'lab/storefront~web', 'lab/tools~web-lint', 'mirror/storefront~web']) {
			const [registry] = path.split('/');
			await page.goto(`${wharfinger.root}/registries/${registry}`);
			await page.goto(`${wharfinger.root}/registries/${path}`);
		}
		await expect(async () => {
			await found(page, 'kind=tags&q=v1');
			await expect(main(page).locator('tbody time')).toHaveCount(3);
		}).toPass();
	});
});
test.afterAll(() => Promise.all([wharfinger?.remove(), lab?.remove(), mirror?.remove()]));
test.beforeEach(({ context }) => context.addCookies(state.cookies));

const main = (page: Page) => page.getByRole('main');
const section = (page: Page, name: string | RegExp) => main(page).getByRole('region', { name });
const found = (page: Page, query: string) => page.goto(`${wharfinger.root}/search?${query}`);

test('every kind of hit stands in its own table, and what was asked for is marked', async ({ page }) => {
	await page.goto(wharfinger.root);
	await page.getByRole('searchbox', { name: 'Search everything' }).or(page.locator('#find')).first().fill('web');
	await page.locator('#find').press('Enter');
	await expect(page).toHaveURL(/\/search\?q=web/);
	await expect(section(page, 'Repositories').locator('tbody th')).toHaveText(['storefront/web', 'storefront/web', 'tools/web-lint']);
	await expect(section(page, 'Repositories').locator('mark').first()).toHaveText('web');
	await expect(section(page, 'Tags').locator('tbody th')).toHaveText(['tools/web-lint:v1-web']);
	await page.getByRole('navigation', { name: 'Kinds of hits' }).getByRole('link', { name: /^Tags/ }).click();
	await expect(section(page, 'Tags')).toBeVisible();
	await expect(section(page, 'Repositories')).toBeHidden();
	await main(page).locator('select[name=registry]').selectOption('mirror');
	await main(page).getByRole('button', { name: 'Search' }).click();
	await expect(section(page, 'Repositories').locator('tbody th')).toHaveText(['storefront/web']);
});

test('a whole name leads straight there, a part of one never does', async ({ page }) => {
	await found(page, 'q=lab/storefront/web:v1');
	await expect(page).toHaveURL(/\/registries\/lab\/storefront~web\/tags\/v1$/);
	await found(page, 'q=lab/storefront');
	await expect(page).toHaveURL(/\/search/);
	await expect(section(page, 'Repositories').locator('tbody th')).toHaveText(['storefront/web']);
	await found(page, 'q=lab/storefront/web:v9');
	await expect(main(page)).toContainText('Nothing called lab/storefront/web:v9 is known here yet.');
	await found(page, 'q=nothing-is-called-so');
	await expect(main(page).getByRole('heading', { name: 'Nothing that is known fits this' })).toBeVisible();
});

test('a digest says where it is and what lags behind', async ({ page }) => {
	await found(page, `q=${digest.slice(7, 17)}`);
	const places = section(page, /^Where/);
	await expect(places.locator('tbody th')).toHaveText(['storefront/web:latest', 'storefront/web:v1']);
	const lags = section(page, 'The same tags elsewhere');
	await expect(lags.locator('tbody tr')).toHaveCount(1);
	await expect(lags.locator('tbody tr')).toContainText('older than on lab');
	await places.getByRole('link', { name: 'What is built on it' }).click();
	await expect(section(page, /^Images built on/)).toContainText('No image that was read');
});

test('a layer and a base lead from an image to others', async ({ page }) => {
	await page.goto(`${wharfinger.root}/registries/lab/base~debian/tags/12`);
	await main(page).getByRole('link', { name: 'What is built on it' }).click();
	await expect(section(page, /^Images built on/).locator('tbody th')).toHaveText([
		/storefront\/web:latest/, /storefront\/web:v1/, /storefront\/web:v1/,
	]);
	await page.goto(`${wharfinger.root}/registries/lab/base~debian/tags/12`);
	await main(page).getByRole('link', { name: /^Images that contain the layer/ }).first().click();
	await expect(section(page, /^Images that contain the layer/).locator('tbody th')).toHaveCount(4);
	await found(page, `q=base:lab/base/debian:12`);
	await expect(section(page, /^Images built on/).locator('tbody tr')).toHaveCount(3);
	expect(base).toMatch(/^sha256:/);
});

test('a label is found by its value, which stays text, and leads to its images', async ({ page }) => {
	await found(page, 'q=checkout');
	const labels = section(page, 'Labels and annotations');
	await expect(labels.locator('tbody tr')).toContainText(['<b>Checkout</b>']);
	await labels.getByRole('link', { name: '2 images' }).click();
	await expect(section(page, /^Images with/).locator('tbody th')).toHaveText(['storefront/web:latest', 'storefront/web:v1']);
});

test('suggestions come while somebody types, and are chosen by keyboard @live', async ({ page }) => {
	const complained = complaints(page);
	await page.goto(wharfinger.root);
	await live(page);
	await page.keyboard.press('/');
	await page.keyboard.type('web');
	const list = page.getByRole('listbox', { name: 'Suggestions' });
	await expect(list.getByRole('option')).toHaveCount(4);
	const field = page.getByRole('combobox', { name: 'Search everything' });
	await expect(field).toHaveAttribute('aria-expanded', 'true');
	await accessible(page);
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('ArrowUp');
	await expect(list.getByRole('option').first()).toHaveAttribute('aria-selected', 'true');
	await expect(field).toHaveAttribute('aria-activedescendant', (await list.getByRole('option').first().getAttribute('id'))!);
	await page.keyboard.press('Escape');
	await expect(list).toHaveCount(0);
	await expect(field).toBeFocused();
	await expect(field).toHaveValue('web');
	await page.keyboard.type('-');
	await expect(list.getByRole('option')).toHaveCount(1);
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await expect(page).toHaveURL(/\/registries\/lab\/tools~web-lint$/);
	expect(complained).toEqual([]);
});

test('a suggestion is chosen by a press, and a text without one is searched for @live', async ({ page }) => {
	await page.goto(`${wharfinger.root}/search`);
	await live(page);
	const field = main(page).locator('input[name=q]');
	await field.pressSequentially('v1-w');
	await page.getByRole('option', { name: /v1-web/ }).click();
	await expect(page).toHaveURL(/\/tools~web-lint\/tags\/v1-web$/);
	await found(page, '');
	await live(page);
	await field.pressSequentially('web');
	await expect(page.getByRole('listbox')).toBeVisible();
	await page.setViewportSize({ width: 375, height: 740 });
	await fits(page);
	await field.press('Enter');
	await expect(page).toHaveURL(/\/search\?q=web/);
});

test('search is accessible with every kind of answer, in light and dark, and fits a phone @live', async ({ page }) => {
	test.slow();
	const asked = [`q=${digest}`, 'q=checkout', 'q=web', 'q=web&kind=tags', 'q=nothing-is-called-so', ''];
	await allSound(page, wharfinger.root, asked.map((query) => `/search?${query}`));
});
