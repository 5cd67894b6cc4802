import { expect, test } from '@playwright/test';
import { signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let state: Awaited<ReturnType<typeof signedIn>>;
test.beforeAll(async ({ browser }) => {
	wharfinger = await Wharfinger.start({ args: ['--demo'] });
	state = await signedIn(browser, wharfinger);
});
test.afterAll(() => wharfinger?.remove());
test.beforeEach(({ context }) => context.addCookies(state.cookies));

test('a role is made, granted, changed with what that does, and removed once nobody has it', async ({ page }, info) => {
	const name = `Releaser ${info.project.name}`;
	await page.goto(`${wharfinger.root}/access/roles`);
	await expect(page.getByRole('region', { name: 'Roles by permissions' }).getByRole('row', { name: /policy.run/ })).toBeVisible();
	await page.getByRole('link', { name: 'Make a role' }).click();
	await page.getByRole('textbox', { name: 'Name' }).fill('Viewer');
	await page.getByRole('checkbox', { name: /^repository.push/ }).check();
	await page.getByRole('button', { name: 'Make role' }).click();
	await expect(page.getByText('A built-in role is called so.')).toBeVisible();
	await expect(page.getByRole('checkbox', { name: /^repository.push/ })).toBeChecked();
	await page.getByRole('textbox', { name: 'Name' }).fill(name);
	await page.getByRole('button', { name: 'Make role' }).click();
	await expect(page.getByText('The role is made.')).toBeVisible();
	await expect(page.getByRole('table', { name: 'What it gives' }).getByRole('row', { name: /repository.pull/ })).toContainText('brought along');
	const role = page.url().replace(/\?.*/, '');

	await page.getByRole('link', { name: 'Grant it' }).click();
	await page.getByLabel('To whom').fill('everyone');
	await page.getByLabel('On which repositories').fill(`roles-${info.project.name}/*`);
	await page.getByRole('button', { name: 'See what it changes' }).click();
	await page.getByRole('button', { name: `Grant ${name} to everyone signed in` }).click();
	await expect(page.getByText('The grant is made.')).toBeVisible();
	const grant = page.url().replace(/\?.*/, '');

	await page.goto(role);
	await page.getByText('Remove it').click();
	await page.getByRole('button', { name: `Remove role ${name}` }).click();
	await expect(page.getByText(/The grant for everyone signed in uses this role/)).toBeVisible();
	await page.goto(role);
	await page.getByText('Change it').click();
	await page.getByRole('checkbox', { name: /^repository.push/ }).uncheck();
	await page.getByRole('checkbox', { name: /^repository.pull/ }).uncheck();
	await page.getByRole('checkbox', { name: /^tag.delete/ }).check();
	await page.getByRole('button', { name: 'See what it changes' }).click();
	const row = page.getByRole('region', { name: 'What this changes' }).getByRole('row', { name: /everyone signed in/ });
	await expect(row).toContainText('repository.push');
	await expect(row).toContainText('tag.delete');
	await page.getByRole('button', { name: `Save role ${name}` }).click();
	await expect(page.getByText('The role is changed')).toBeVisible();

	await page.goto(`${grant}?revoke=yes`);
	await page.getByRole('button', { name: /^Revoke/ }).click();
	await expect(page.getByText(/is revoked/)).toBeVisible();
	await page.goto(role);
	await page.getByText('Remove it').click();
	await page.getByRole('button', { name: `Remove role ${name}` }).click();
	await expect(page.getByText('The role is removed.')).toBeVisible();
	await expect(page.getByRole('link', { name, exact: true })).toHaveCount(0);
});

test('built-in roles say what they give and stay as they are', async ({ page }) => {
	await page.goto(`${wharfinger.root}/access/roles/maintainer`);
	await expect(page.getByText('A built-in role stays as it is.')).toBeVisible();
	await expect(page.getByRole('table', { name: 'What it gives' }).getByRole('row', { name: /policy.run/ })).toBeVisible();
	await expect(page.getByRole('button', { name: /Remove/ })).toHaveCount(0);
});
