import { expect, test } from '@playwright/test';
import { live } from '../support/checks.js';
import { push } from '../support/images.js';
import { Registry } from '../support/registry.js';
import { addRegistry, signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let registry: Registry;
let state: Awaited<ReturnType<typeof signedIn>>;
let digest: string;

test.beforeAll(async ({ browser }) => {
	[wharfinger, registry] = await Promise.all([Wharfinger.start(), Registry.start()]);
	push(registry, 'storefront/web', ['v1.9.0'], { layers: ['base', 'old app'], created: '2026-10-01T10:00:00Z', env: ['MODE=production', 'PORT=80'] });
	digest = push(registry, 'storefront/web', ['v1.10.0', 'latest'], {
		layers: ['base', 'new app', 'assets'], platforms: ['linux/amd64', 'linux/arm64'], env: ['MODE=production', 'PORT=8080'],
	});
	push(registry, 'storefront/web', ['nightly'], { layers: ['base', 'nightly'] });
	push(registry, 'tools/lint', ['1'], { labels: { 'org.opencontainers.image.title': '</script><b>Lint</b>' } });
	state = await signedIn(browser, wharfinger, async (page) => {
		await addRegistry(page, wharfinger.root, { name: 'lab', address: registry.address });
	});
});
test.afterAll(() => Promise.all([wharfinger?.remove(), registry?.remove()]));
test.beforeEach(({ context }) => context.addCookies(state.cookies));

const web = '/registries/lab/storefront~web';

test('from the overview to an image, by links', async ({ page }) => {
	await page.goto(wharfinger.root);
	await page.getByRole('main').getByRole('link', { name: 'lab' }).first().click();
	await expect(page.getByRole('heading', { level: 1 })).toContainText('lab');
	await page.getByRole('main').getByRole('link', { name: /web/ }).first().click();
	await expect(page.getByRole('main').getByRole('link', { name: 'v1.10.0' }).first()).toBeVisible();
	await page.getByRole('main').getByRole('link', { name: 'v1.10.0' }).first().click();
	await expect(page.getByRole('heading', { level: 1 })).toContainText('v1.10.0');
	await expect(page.getByText(`docker pull ${registry.host}/storefront/web:v1.10.0`).first()).toBeVisible();
	await expect(page.locator('body')).toContainText(digest);
	await expect(page.getByRole('link', { name: /linux\/arm64/ })).toBeVisible();
	await page.getByRole('link', { name: /linux\/arm64/ }).click();
	await expect(page).toHaveURL(/platform=linux/);
	await expect(page.getByRole('cell', { name: /make new app/ }).or(page.getByText('RUN make new app')).first()).toBeVisible();
	await expect(page.getByText('PORT=8080').first()).toBeVisible();
});

test('tags are filtered, sorted by version, and linkable', async ({ page }) => {
	await page.goto(`${wharfinger.root}${web}?q=v1.*&sort=version&order=desc`);
	const tags = page.getByRole('main').locator('tbody th[scope=row] a');
	await expect(tags).toHaveText(['v1.10.0', 'v1.9.0']);
	await page.locator('.filters [name=q]').fill('night');
	await page.locator('.filters').getByRole('button').first().click();
	await expect(tags).toHaveText(['nightly']);
	await page.goBack();
	await expect(tags).toHaveText(['v1.10.0', 'v1.9.0']);
});

test('text from a registry is never markup', async ({ page }) => {
	await page.goto(`${wharfinger.root}/registries/lab/tools~lint/tags/1`);
	await expect(page.getByText('</script><b>Lint</b>').first()).toBeVisible();
	await expect(page.locator('b', { hasText: /^Lint$/ })).toHaveCount(0);
});

test('two images are compared', async ({ page }) => {
	await page.goto(`${wharfinger.root}/compare?a=lab/storefront/web:v1.9.0&b=lab/storefront/web:v1.10.0`);
	await expect(page.getByRole('main')).toContainText('PORT');
	await expect(page.locator('del').filter({ hasText: '80' }).first()).toBeVisible();
	await expect(page.locator('ins').filter({ hasText: '8080' }).first()).toBeVisible();
	await expect(page.locator('tr[data-change=added]').first()).toBeVisible();
	await expect(page.locator('tr[data-change=removed]').first()).toBeVisible();
});

test('what is not there has a page that says so, and a way out', async ({ page }) => {
	for (const path of ['/registries/nowhere', '/registries/lab/storefront~nothing', `${web}/tags/v9`, `${web}/manifests/sha256:${'0'.repeat(64)}`, '/nothing/at/all']) {
		const answer = await page.goto(wharfinger.root + path);
		expect(answer?.status(), path).toBe(404);
		await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		await expect(page.getByText('Reference').first()).toBeVisible();
		await expect(page.getByRole('main').getByRole('link').first()).toBeVisible();
	}
});

test('raw JSON is shown, and served as a document that can do nothing', async ({ page }) => {
	await page.goto(`${wharfinger.root}${web}/tags/v1.9.0`);
	await expect(page.getByRole('main')).toContainText('schemaVersion');
	const link = await page.locator('a[href*="/raw/"]').first().getAttribute('href');
	const answer = await page.request.get(new URL(link!, wharfinger.root).href);
	expect(await answer.json()).toMatchObject({ schemaVersion: 2 });
	expect(answer.headers()['x-content-type-options']).toBe('nosniff');
	expect(answer.headers()['content-security-policy']).toContain('sandbox');
});

test('what somebody else finds new shows here without a reload @live', async ({ page, context }) => {
	const address = `${wharfinger.root}${web}?q=fresh`;
	await page.goto(address);
	await live(page);
	const tags = page.getByRole('main').locator('tbody th[scope=row] a');
	await expect(tags).toHaveCount(0);
	await page.evaluate(() => Object.assign(window, { untouched: true }));
	push(registry, 'storefront/web', ['fresh-1'], { layers: ['base', 'fresh'] });
	const other = await context.newPage();
	// A visit looks at the registry again once the last look is ten seconds old.
	await expect(async () => {
		await other.goto(address);
		await expect(tags).toHaveText(['fresh-1'], { timeout: 1_000 });
	}).toPass({ timeout: 30_000 });
	expect(await page.evaluate(() => 'untouched' in window), 'the page was not reloaded').toBe(true);
});
