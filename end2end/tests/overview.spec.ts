// The overview: what needs attention, and the way to it.
import { expect, test } from '@playwright/test';
import { allSound } from '../support/checks.js';
import { Registry } from '../support/registry.js';
import { addRegistry, signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let registry: Registry;
let state: Awaited<ReturnType<typeof signedIn>>;
test.beforeAll(async ({ browser }) => {
	[wharfinger, registry] = await Promise.all([Wharfinger.start(), Registry.start({ deleting: true })]);
	state = await signedIn(browser, wharfinger);
});
test.afterAll(() => Promise.all([wharfinger?.remove(), registry?.remove()]));
test.beforeEach(({ context }) => context.addCookies(state.cookies));

test('a registry that is not what it was needs attention, and leads to what changed', async ({ page }) => {
	await addRegistry(page, wharfinger.root, { name: 'lab', address: registry.address });
	const found = page.locator('#found');
	await expect(async () => {
		await page.goto(`${wharfinger.root}/settings/registries/lab`);
		await expect(found).toContainText('Deleting allowed', { timeout: 1_000 });
	}).toPass();
	const attention = page.getByRole('region', { name: 'Needs attention' }).getByRole('listitem').filter({ hasText: 'lab' });
	await page.goto(wharfinger.root);
	await expect(attention).toHaveCount(0);

	const { port } = registry;
	await registry.remove();
	registry = await Registry.start({ port });
	await page.goto(`${wharfinger.root}/settings/registries/lab`);
	await page.getByRole('button', { name: 'Probe again' }).click();
	await expect(async () => {
		await page.goto(wharfinger.root);
		await expect(attention).toContainText('It no longer allows deleting.', { timeout: 1_000 });
	}).toPass();
	await expect(attention).toContainText('lab was found changed');
	if (test.info().project.name === 'live') await allSound(page, wharfinger.root, ['/']);
	await attention.getByRole('link', { name: 'See what changed' }).click();
	await expect(page).toHaveURL(/\/settings\/registries\/lab#changed$/);
	await expect(page.getByRole('heading', { name: 'What changed' })).toBeVisible();
	await expect(page.getByRole('main')).toContainText('It no longer allows deleting. Seen');
});
