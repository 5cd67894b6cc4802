import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { complaints, live, soundEverywhere } from '../support/checks.js';
import { signedIn, Wharfinger } from '../support/wharfinger.js';

// The demo's registry has everything that is odd.
let wharfinger: Wharfinger;
let state: Awaited<ReturnType<typeof signedIn>>;
test.beforeAll(async ({ browser }) => {
	wharfinger = await Wharfinger.start({ args: ['--demo'] });
	state = await signedIn(browser, wharfinger);
});
test.afterAll(() => wharfinger?.remove());
test.beforeEach(({ context }) => context.addCookies(state.cookies));

const pages: [string, string][] = [
	['overview', '/'],
	['repositories', '/registries/demo'],
	['tags', '/registries/demo/storefront~web'],
	['image', '/registries/demo/storefront~web/tags/latest'],
	['compare', '/compare'],
	['connections', '/settings/registries'],
	['connection', '/settings/registries/demo'],
	['connection-new', '/settings/registries/new'],
	['connection-use', '/settings/registries/demo/use'],
	['connection-remove', '/settings/registries/demo/remove'],
	['audit', '/audit'],
	['audit-entry', '/audit/1'],
	['profile', '/profile'],
	['not-found', '/registries/demo/nothing~here'],
];

// These are looked at in light, dark and on a phone by specs of their own, with more in them than a fresh demo has.
const elsewhere: [string, string][] = [
	['tags-across', '/tags'],
	['repositories-across', '/repositories'],
	['search', '/search?q=web'],
	['where-is', '/search?q=sha256:0123456789'],
	['reading', '/reading/demo'],
	['history', '/registries/demo/storefront~web/history'],
	['repository-storage', '/registries/demo/storefront~web/storage'],
	['storage', '/storage/demo'],
	['health', '/health/demo'],
	['health-check', '/health/demo?check=old-tag'],
	['registry-tokens', '/settings/registries/demo/tokens'],
	['access', '/access'],
	['explain', '/access/explain'],
	['matrix', '/access/matrix?patterns=demo/**'],
	['requests', '/access/requests'],
	['review', '/access/review'],
	['review-report', '/access/review/report'],
	['grants', '/access/grants'],
	['grant-new', '/access/grants/new'],
	['grant', '/access/grants/1'],
	['keys', '/access/keys'],
	['people', '/access/people'],
	['person', '/access/people/ada'],
	['teams', '/access/teams'],
	['team', '/access/teams/nobodys'],
	['robots', '/access/robots'],
	['robot', '/access/robots/nobodys'],
	['roles', '/access/roles'],
	['role-new', '/access/roles/new'],
	['role', '/access/roles/reader'],
];

// Seen by those who are not signed in.
const outside: [string, string][] = [
	['sign-in', '/sign-in'],
	['join', '/join'],
	['setup', '/setup'],
];

const rust = readFileSync(new URL('../../app/src/routes.rs', import.meta.url), 'utf8');
const routes = [...rust.matchAll(/path!\("([^"]+)"\)/g)].map((match) => match[1]!);

/** The page of the router that serves a path: of those that fit, the one with the fewest parameters. */
function route(path: string): string | undefined {
	const wanted = path.replace(/\?.*/, '').split('/');
	const fits = (pattern: string) => {
		const parts = pattern.split('/');
		return parts.length === wanted.length && parts.every((part, at) => part.startsWith(':') || part === wanted[at]);
	};
	return routes.filter(fits).sort((a, b) => a.split(':').length - b.split(':').length)[0];
}

test('every page of the router stands here @plain', () => {
	const digest = '/registries/demo/storefront~web/manifests/sha256:0';
	const seen = new Set([...pages, ...elsewhere, ...outside].map(([, path]) => route(path)).concat(route(digest)));
	expect(routes.length).toBeGreaterThan(40);
	expect(routes.filter((one) => !seen.has(one))).toEqual([]);
});

for (const [name, path] of pages) {
	test(`${name}: no complaints, accessible in light and dark, fits a phone @live`, async ({ page }) => {
		test.slow();
		const found = complaints(page);
		await page.goto(wharfinger.root + path);
		await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		await expect(page).toHaveTitle(/ · Wharfinger$/);
		await soundEverywhere(page);
		expect(found.filter((text) => !(name === 'not-found' && text.includes('404')))).toEqual([]);
	});
}

for (const [name, path] of [...pages, ...elsewhere]) {
	test(`${name}: whole without a script @plain`, async ({ page }) => {
		await page.goto(wharfinger.root + path);
		await expect(page).toHaveTitle(/ · Wharfinger$/);
		await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
		await expect(page.getByRole('navigation', { name: 'Main' })).toContainText('demo');
		await expect(page.locator('button.copy:visible')).toHaveCount(0);
	});
}

for (const [name, path] of outside) {
	test(`${name}: signed out, no complaints, accessible in light and dark, fits a phone @live`, async ({ page, context }) => {
		test.slow();
		await context.clearCookies();
		const found = complaints(page);
		await page.goto(wharfinger.root + path);
		await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		await soundEverywhere(page);
		expect(found.filter((text) => !text.includes('404'))).toEqual([]);
	});
}

test('the menu opens on a phone, also without a script', async ({ page }) => {
	await page.setViewportSize({ width: 375, height: 740 });
	await page.goto(wharfinger.root);
	await expect(page.getByRole('link', { name: 'Audit' })).toBeHidden();
	await page.getByRole('button', { name: 'Menu' }).click();
	await page.getByRole('link', { name: 'Audit' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible();
});

test('the theme is kept', async ({ page }, info) => {
	await page.goto(`${wharfinger.root}/profile`);
	await page.locator('#theme').selectOption('dark');
	if (info.project.name === 'plain') await page.getByRole('button', { name: 'Set' }).click();
	await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
	await expect(async () => {
		await page.goto(`${wharfinger.root}/audit`);
		await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark', { timeout: 500 });
	}).toPass();
	await page.locator('#theme').selectOption('');
	if (info.project.name === 'plain') await page.getByRole('button', { name: 'Set' }).click();
	await expect(page.locator('html')).not.toHaveAttribute('data-theme');
});

test('keys lead everywhere @live', async ({ page }) => {
	await page.goto(wharfinger.root);
	await live(page);
	await page.keyboard.press('/');
	await expect(page.locator('#find')).toBeFocused();
	await page.keyboard.press('Escape');
	await page.keyboard.press('?');
	await expect(page.locator('#keys')).toBeVisible();
	await page.keyboard.press('Escape');
	await page.keyboard.press('g');
	await page.keyboard.press('l');
	await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible();
	await live(page);
	await page.keyboard.press('j');
	await expect(page.locator('tbody tr').first().locator('a').first()).toBeFocused();
});

test('a digest is copied whole @live', async ({ page, context }) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	await page.goto(`${wharfinger.root}/registries/demo/storefront~web/tags/latest`);
	await live(page);
	await page.getByRole('button', { name: 'Copy digest' }).first().click();
	await expect(page.locator('#said')).toHaveText(/Copied/);
	expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^sha256:[0-9a-f]{64}$/);
});
