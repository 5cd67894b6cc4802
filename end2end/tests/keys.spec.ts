import { expect, test } from '@playwright/test';
import { complaints, soundEverywhere } from '../support/checks.js';
import { signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let state: Awaited<ReturnType<typeof signedIn>>;
test.beforeAll(async ({ browser }) => {
	wharfinger = await Wharfinger.start({ args: ['--demo'] });
	state = await signedIn(browser, wharfinger);
});
test.afterAll(() => wharfinger?.remove());
test.beforeEach(({ context }) => context.addCookies(state.cookies));

test('keys: no complaints, accessible in light and dark, fits a phone @live', async ({ page }) => {
	const found = complaints(page);
	await page.goto(`${wharfinger.root}/access/keys`);
	await expect(page.getByRole('region', { name: 'ES256' })).toBeVisible();
	await page.getByText('Rotate the ES256 keys', { exact: true }).click();
	await soundEverywhere(page);
	expect(found).toEqual([]);
});

test('the next key takes over, and the page says first what that means', async ({ page }) => {
	await page.goto(`${wharfinger.root}/access/keys`);
	const table = page.getByRole('region', { name: 'ES256' }).getByRole('table');
	const key = async (state: string) => {
		const row = table.getByRole('row').filter({ has: page.getByRole('cell', { name: state, exact: true }) });
		return row.first().getByRole('rowheader').innerText();
	};
	const next = await key('next');
	await page.getByText('Rotate the ES256 keys', { exact: true }).click();
	await expect(page.getByText('No registry has to be restarted for it')).toBeVisible();
	await page.getByRole('button', { name: 'Rotate the ES256 keys now' }).click();
	await expect(page.getByText('Rotated. The next key signs from now on')).toBeVisible();
	expect(await key('current')).toBe(next);
	await expect(table.getByText('still in the bundle').first()).toBeVisible();

	const bundle = await page.request.get(`${wharfinger.root}/token/certificates.pem`);
	expect((await bundle.text()).match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThanOrEqual(3);
	await page.goto(`${wharfinger.root}/audit?act=key.rotate`);
	await expect(page.getByText('ES256 keys for registry tokens').first()).toBeVisible();
});
