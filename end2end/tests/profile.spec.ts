import { expect, test } from '@playwright/test';
import { person, setUp, signIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
test.beforeEach(async ({ page }) => {
	wharfinger = await Wharfinger.start();
	await setUp(page, wharfinger);
});
test.afterEach(() => wharfinger.remove());

test('name and time zone are kept, and a wrong one says so', async ({ page }) => {
	await page.goto(`${wharfinger.root}/profile`);
	await page.getByLabel('Full name').fill('Ada Lovelace');
	await page.getByLabel('Time zone').fill('Berlin!');
	await page.getByRole('button', { name: 'Save profile' }).click();
	await expect(page.getByText('A time zone looks like Europe/Berlin.')).toBeVisible();
	await expect(page.getByLabel('Full name')).toHaveValue('Ada Lovelace');
	await page.getByLabel('Time zone').fill('Europe/Berlin');
	await page.getByRole('button', { name: 'Save profile' }).click();
	await expect(page.getByText('Your profile is saved.')).toBeVisible();
	await expect(page.locator('html')).toHaveAttribute('data-zone', 'Europe/Berlin');
	await expect(page.getByLabel('Full name')).toHaveValue('Ada Lovelace');
});

test('a changed password ends the other sessions and keeps this one', async ({ page, browser }) => {
	const other = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
	await other.goto(`${wharfinger.root}/sign-in`);
	await signIn(other);
	await expect(other.getByRole('heading', { name: 'Overview' })).toBeVisible();

	await page.goto(`${wharfinger.root}/profile`);
	await expect(page.getByRole('table').getByRole('row')).toHaveCount(3);
	await page.getByLabel('Old password').fill('something else');
	await page.getByLabel('New password', { exact: true }).fill('the tide comes back in');
	await page.getByLabel('New password again').fill('the tide comes back in');
	await page.getByRole('button', { name: /Change password/ }).click();
	await expect(page.getByText('This is not your password.')).toBeVisible();
	await page.getByLabel('Old password').fill(person.password);
	await page.getByLabel('New password', { exact: true }).fill('the tide comes back in');
	await page.getByLabel('New password again').fill('the tide comes back in');
	await page.getByRole('button', { name: /Change password/ }).click();
	await expect(page.getByText('Your password is changed.')).toBeVisible();
	await expect(page.getByRole('table').getByRole('row')).toHaveCount(2);

	await other.goto(`${wharfinger.root}/profile`);
	await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
	await other.context().close();
});

test('a session is revoked from the list', async ({ page, browser }) => {
	const other = await (await browser.newContext({ javaScriptEnabled: false, userAgent: 'Lynx/2.9 (a test)' })).newPage();
	await other.goto(`${wharfinger.root}/sign-in`);
	await signIn(other);
	await expect(other.getByRole('heading', { name: 'Overview' })).toBeVisible();

	await page.goto(`${wharfinger.root}/profile`);
	await page.getByRole('row', { name: /Lynx/ }).getByRole('button', { name: /End the session/ }).click();
	await expect(page.getByText('Lynx/2.9')).toHaveCount(0);
	await other.reload();
	await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
	await other.context().close();
});
