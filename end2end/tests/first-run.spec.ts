import { expect, test } from '@playwright/test';
import { person, setUp, signIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
test.beforeEach(async () => void (wharfinger = await Wharfinger.start()));
test.afterEach(() => wharfinger.remove());

test('nobody gets in before the setup link was used, and the page says where it is', async ({ page }) => {
	for (const path of ['/', '/registries/production', '/sign-in', '/settings/registries/new']) {
		await page.goto(wharfinger.root + path);
		await expect(page.getByRole('heading', { name: 'Open the setup link' })).toBeVisible();
	}
	await page.goto(`${wharfinger.root}/setup/${'0'.repeat(64)}`);
	await expect(page.getByRole('button', { name: 'Create the account' })).toHaveCount(0);
});

test('the setup link makes one account, says what is wrong with a password, and is then used up', async ({ page, browser }) => {
	const link = wharfinger.root + (await wharfinger.setupPath());
	await page.goto(link);
	await expect(page).toHaveURL(`${wharfinger.root}/setup`);
	await page.getByLabel('Name').fill('ada');
	await page.getByLabel('Password', { exact: true }).fill('short');
	await page.getByLabel('Password again').fill('short');
	await page.getByRole('button', { name: 'Create the account' }).click();
	await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
	await expect(page.getByText('Some fields need another look.')).toBeVisible();
	await expect(page.getByLabel('Name')).toHaveValue('ada');
	await page.getByLabel('Password', { exact: true }).fill(person.password);
	await page.getByLabel('Password again').fill(person.password + '!');
	await page.getByRole('button', { name: 'Create the account' }).click();
	await expect(page.getByText('The two are not the same.')).toBeVisible();
	await page.getByLabel('Password', { exact: true }).fill(person.password);
	await page.getByLabel('Password again').fill(person.password);
	await page.getByRole('button', { name: 'Create the account' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
	await expect(page.getByRole('main').getByRole('link', { name: 'Add a registry' }).first()).toBeVisible();

	const stranger = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
	await stranger.goto(link);
	await expect(stranger.getByRole('heading', { name: 'Sign in' })).toBeVisible();
	await stranger.context().close();
});

test('sign-in asks again after a wrong password, goes on to the page that was asked for, and ends with sign-out', async ({ page, context }) => {
	await setUp(page, wharfinger);
	await page.getByRole('button', { name: 'Sign out' }).click();
	await expect(page.getByText('You are signed out.')).toBeVisible();

	await page.goto(`${wharfinger.root}/audit?outcome=refused`);
	await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
	await signIn(page, 'not my password');
	await expect(page.getByRole('alert')).toContainText('That name and password do not match.');
	await expect(page.getByLabel('Name')).toHaveValue(person.name);
	await page.getByLabel('Password').fill(person.password);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page).toHaveURL(/\/audit\?outcome=refused$/);
	await expect(page.getByRole('row', { name: /session\.create/ }).first()).toContainText('refused');

	const session = (await context.cookies()).find((cookie) => cookie.name.includes('wharfinger'));
	expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
});

test('nobody is sent to another site after signing in', async ({ page }) => {
	await setUp(page, wharfinger);
	await page.getByRole('button', { name: 'Sign out' }).click();
	await expect(page.getByText('You are signed out.')).toBeVisible();
	for (const next of ['//example.com/', 'https://example.com/', '/\\example.com']) {
		await page.goto(`${wharfinger.root}/sign-in?next=${encodeURIComponent(next)}`);
		await signIn(page);
		await expect(page).toHaveURL(`${wharfinger.root}/`);
		await page.getByRole('button', { name: 'Sign out' }).click();
		await expect(page.getByText('You are signed out.')).toBeVisible();
	}
});
