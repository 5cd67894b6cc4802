import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { accessible, fits, live } from '../support/checks.js';
import { push } from '../support/images.js';
import { Registry } from '../support/registry.js';
import { addRegistry, signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let registry: Registry;
let state: Awaited<ReturnType<typeof signedIn>>;

test.beforeAll(async ({ browser }) => {
	[wharfinger, registry] = await Promise.all([Wharfinger.start(), Registry.start()]);
	push(registry, 'team/silent', ['1']);
	state = await signedIn(browser, wharfinger, async (page) => {
		await addRegistry(page, wharfinger.root, { name: 'lab', address: registry.address });
	});
});
test.afterAll(() => Promise.all([wharfinger?.remove(), registry?.remove()]));
test.beforeEach(({ context }) => context.addCookies(state.cookies));

const tag = (repository: string, name: string) => `${wharfinger.root}/registries/lab/team~${repository}/tags/${name}`;
const standing = (page: Page) => page.locator('#standing');

/** Comes to a page again and again, until it is old enough to be asked for. */
async function comeUntilAsked(page: Page, address: string): Promise<number> {
	let took = 0;
	await expect(async () => {
		const began = Date.now();
		const answer = await page.goto(address, { waitUntil: 'commit' });
		const text = (await answer?.text()) ?? '';
		took = Date.now() - began;
		expect(text).toContain('asking lab again');
	}).toPass({ timeout: 40_000, intervals: [1_000] });
	return took;
}

test('what is kept of an image is shown at once while its registry is silent, and the page says so', async ({ page }, { project }) => {
	await page.goto(tag('silent', '1'));
	await expect(standing(page)).toContainText('as of');
	registry.pause();
	try {
		// Whoever waited for it would wait for four seconds.
		expect(await comeUntilAsked(page, tag('silent', '1'))).toBeLessThan(2_000);
		await expect(page.getByRole('heading', { level: 1 })).toContainText('team/silent:1');
		if (project.name === 'live') {
			await expect(standing(page)).toContainText('lab could not be asked.');
		} else {
			await expect(async () => {
				await page.reload();
				await expect(standing(page)).toContainText('lab could not be asked.', { timeout: 500 });
			}).toPass({ timeout: 20_000 });
		}
		await expect(standing(page)).toContainText('did not answer within 4 s');
		await expect(page.getByText('docker pull').first()).toBeVisible();
		if (project.name === 'live') await accessible(page);
	} finally {
		registry.resume();
	}
	await expect(async () => {
		await page.goto(tag('silent', '1'));
		await expect(standing(page)).toContainText('as of', { timeout: 500 });
		await expect(standing(page)).not.toContainText('could not be asked', { timeout: 500 });
	}).toPass({ timeout: 40_000 });
});

/** An image at `now`, that another one takes the place of while its page is open. */
async function moving(page: Page, repository: string): Promise<{ before: string; after: string }> {
	const before = push(registry, `team/${repository}`, ['now'], { layers: Array.from({ length: 40 }, (_, n) => `layer ${n}`) });
	await page.goto(tag(repository, 'now'));
	await expect(page.locator('.head')).toContainText(before);
	const after = push(registry, `team/${repository}`, ['now'], { layers: ['another'] });
	return { before, after };
}

async function somebodyElse(context: BrowserContext, address: string): Promise<void> {
	const page = await context.newPage();
	await comeUntilAsked(page, address);
	await page.close();
}

test('an open page says that its tag moved, and nobody loses their place @live', async ({ page, context }) => {
	const { before, after } = await moving(page, 'moving');
	await live(page);
	const row = page.getByRole('main').locator('tbody tr').nth(30);
	await row.scrollIntoViewIfNeeded();
	await page.evaluate(() => (document.documentElement.dataset.mine = 'kept'));
	const place = async () => Math.round((await row.boundingBox())!.y);
	const [top, text] = [await place(), await row.textContent()];

	await somebodyElse(context, tag('moving', 'now'));
	await expect(standing(page)).toContainText('now moved.');
	expect(await row.textContent()).toBe(text);
	expect(Math.abs((await place()) - top)).toBeLessThan(3);
	await expect(page.locator('html[data-mine=kept]')).toBeAttached();
	await expect(page.locator('.head')).toContainText(before);
	await expect(standing(page)).toContainText(after);
	await accessible(page);
	await page.setViewportSize({ width: 375, height: 740 });
	await fits(page);

	await standing(page).getByRole('link', { name: 'Show now as it is now' }).click();
	await expect(page.locator('.head')).toContainText(after);
	await expect(standing(page)).not.toContainText('moved');
});

test('the next look shows where a tag moved @plain', async ({ page }) => {
	const { before, after } = await moving(page, 'moved');
	await comeUntilAsked(page, tag('moved', 'now'));
	await expect(page.locator('.head')).toContainText(before);
	await expect(async () => {
		await page.reload();
		await expect(page.locator('.head')).toContainText(after, { timeout: 500 });
	}).toPass({ timeout: 20_000 });
});
