// More people than the first one: invited, and come in by their link.
import { type Browser, expect, type Page } from '@playwright/test';

/** What everybody who joins chooses. */
export const password = 'the gulls know better';

/** Invites somebody as whoever is signed in on this page; gives the path of the link. */
export async function invite(page: Page, root: string, name: string): Promise<string> {
	await page.goto(`${root}/access/people`);
	await page.getByText('Invite somebody').click();
	await page.getByLabel('Name', { exact: true }).last().fill(name);
	await page.getByRole('button', { name: 'Make the account and its link' }).click();
	await expect(page.getByText('shown only this once')).toBeVisible();
	const path = (await page.locator('.notice .command pre').textContent()) ?? '';
	expect(path).toMatch(/^\/join\/[0-9a-f]{64}$/);
	expect(page.url()).not.toContain(path);
	return path;
}

/** Another browser, in which nobody is signed in. */
export async function elsewhere(browser: Browser, javaScript: boolean): Promise<Page> {
	const context = await browser.newContext({ javaScriptEnabled: javaScript });
	return context.newPage();
}

/** Somebody who was invited and has come in, in a browser of their own. */
export async function joined(page: Page, browser: Browser, root: string, name: string, javaScript: boolean): Promise<Page> {
	const path = await invite(page, root, name);
	const theirs = await elsewhere(browser, javaScript);
	await theirs.goto(root + path);
	await theirs.getByLabel('Password', { exact: true }).fill(password);
	await theirs.getByLabel('Password again').fill(password);
	await theirs.getByRole('button', { name: 'Take the account' }).click();
	await expect(theirs.getByText('Your account is yours.')).toBeVisible();
	return theirs;
}
