// The page of a registry's reading: how far it is, paused and going on, asked for now, what left and on what evidence.
import { expect, type Page, test } from '@playwright/test';
import { allSound, live } from '../support/checks.js';
import { push } from '../support/images.js';
import { run } from '../support/process.js';
import { Registry } from '../support/registry.js';
import { addRegistry, signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let registry: Registry;
let state: Awaited<ReturnType<typeof signedIn>>;
const reading = '/reading/lab';
const status = (page: Page) => page.getByRole('region', { name: 'State' });

/** Looks until the state says so. */
async function says(page: Page, text: string | RegExp, seconds = 40): Promise<void> {
	await expect(async () => {
		await page.goto(wharfinger.root + reading);
		await expect(status(page)).toContainText(text, { timeout: 1_000 });
	}).toPass({ timeout: seconds * 1000 });
}

test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
	test.setTimeout(90_000);
	[wharfinger, registry] = await Promise.all([Wharfinger.start(), Registry.start({ deleting: true })]);
	push(registry, 'team/api', ['v1'], { layers: ['base', 'one'] });
	push(registry, 'team/api', ['v2'], { layers: ['base', 'two'] });
	push(registry, 'team/web', ['v1'], { layers: ['base', 'web'] });
	state = await signedIn(browser, wharfinger, async (page) => {
		await addRegistry(page, wharfinger.root, { name: 'lab', address: registry.address });
		await says(page, 'Up to date');
	});
});
test.afterAll(() => Promise.all([wharfinger?.remove(), registry?.remove()]));
test.beforeEach(({ context }) => context.addCookies(state.cookies));

test('the page says how far the reading is and when the next look is due', async ({ page }) => {
	await page.goto(`${wharfinger.root}/registries/lab`);
	await page.getByRole('main').locator(`a[href$="${reading}"]`).first().click();
	await expect(page.getByRole('heading', { level: 1 })).toHaveText('Reading');
	await expect(status(page)).toContainText('2 of 2 repositories listed, 3 of 3 tags read.');
	await expect(status(page)).toContainText(/At most \d+ of the \d+ requests at a time .* since the start, none of them refused or failed/);
	await expect(status(page)).toContainText('The next look is due');
	await expect(page.getByRole('region', { name: 'What left' })).toContainText('Nothing left yet.');
});

test('reading is paused and goes on, and the log has both', async ({ page }) => {
	await page.goto(wharfinger.root + reading);
	await page.getByRole('button', { name: 'Pause reading' }).click();
	await expect(status(page)).toContainText('Paused');
	await expect(page.getByRole('button', { name: 'Refresh everything now' })).toHaveCount(0);
	if (test.info().project.name === 'live') await allSound(page, wharfinger.root, [reading]);
	await page.getByRole('button', { name: 'Go on reading' }).click();
	await says(page, 'Up to date');
	await page.goto(`${wharfinger.root}/audit`);
	for (const act of ['sync.pause', 'sync.resume']) await expect(page.getByRole('main')).toContainText(act);
});

test('a page that is open follows the reading by itself @live', async ({ page, context }) => {
	await page.goto(wharfinger.root + reading);
	await live(page);
	const other = await context.newPage();
	await other.goto(wharfinger.root + reading);
	await other.getByRole('button', { name: 'Pause reading' }).click();
	await expect(status(page)).toContainText('Paused');
	await other.getByRole('button', { name: 'Go on reading' }).click();
	await expect(status(page)).toContainText('Up to date');
});

test('what is refreshed now is read anew, and what left stands there with its evidence', async ({ page }) => {
	push(registry, 'team/web', ['v2'], { layers: ['base', 'web', 'more'] });
	run('skopeo', ['--insecure-policy', 'delete', '--tls-verify=false', `docker://${registry.host}/team/api:v2`]);
	await page.goto(wharfinger.root + reading);
	await page.getByRole('button', { name: 'Refresh everything now' }).click();
	const left = page.getByRole('region', { name: 'What left' });
	await expect(async () => {
		await page.goto(wharfinger.root + reading);
		await expect(left.getByRole('row', { name: /team\/api:v2/ })).toBeVisible({ timeout: 1_000 });
		await expect(status(page)).toContainText('3 of 3 tags read.', { timeout: 1_000 });
	}).toPass({ timeout: 40_000 });
	await expect(left.getByRole('row', { name: /team\/api:v2/ })).toContainText(/404|lists/);

	await page.goto(`${wharfinger.root}/registries/lab/team~api/history`);
	const moved = page.locator('.entries tbody tr').filter({ hasText: 'v2' });
	await expect(moved).toContainText('left');
	await expect(moved).toContainText(/404 on itself|two complete lists/);
	await page.goto(`${wharfinger.root}/registries/lab/team~web`);
	await page.getByRole('link', { name: 'history of v2' }).click();
	await expect(page).toHaveURL(/team~web\/history\?tag=v2$/);
	await expect(page.locator('.entries tbody tr')).toContainText('came');
});

test('no complaints, accessible in light and dark, fits a phone @live', async ({ page }) => {
	await allSound(page, wharfinger.root, [reading, '/registries/lab/team~api/history']);
});

test('a registry that does not answer is told, and reading goes on when it does', async ({ page }) => {
	test.slow();
	await registry.stop();
	await page.goto(wharfinger.root + reading);
	await page.getByRole('button', { name: 'Refresh everything now' }).click();
	await says(page, /Nothing is asked now|refuses the connection/);
	if (test.info().project.name === 'live') await allSound(page, wharfinger.root, [reading]);
	await registry.restart();
	await page.getByRole('button', { name: 'Refresh everything now' }).click();
	await says(page, 'Up to date', 90);
	await expect(status(page)).toContainText('3 of 3 tags read.');
});
