import { expect, test } from '@playwright/test';
import { accessible, complaints, fits, sound } from '../support/checks.js';
import { signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let state: Awaited<ReturnType<typeof signedIn>>;
test.beforeAll(async ({ browser }) => {
	wharfinger = await Wharfinger.start({ args: ['--demo'] });
	state = await signedIn(browser, wharfinger);
});
test.afterAll(() => wharfinger?.remove());
test.beforeEach(({ context }) => context.addCookies(state.cookies));

const me = (token: string) => fetch(`${wharfinger.root}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });

test('a token is made, shown once, used and revoked', async ({ page }, info) => {
	const name = `nightly ${info.project.name}`;
	await page.goto(`${wharfinger.root}/profile`);
	await page.getByText('Make a token').click();
	await page.getByLabel('What it is for').fill(name);
	await page.getByLabel('It lives').selectOption('7');
	await page.getByText('Restrict what it may do').click();
	await page.getByRole('checkbox', { name: 'repository.pull' }).check();
	await page.getByLabel('Only in this registry').selectOption('demo');
	await page.getByLabel('Only on these repositories').fill('storefront/*');
	await page.getByRole('button', { name: 'Make token' }).click();

	await expect(page.getByText('shown only this once')).toBeVisible();
	const token = (await page.locator('.notice .command pre').textContent()) ?? '';
	expect(token).toMatch(/^wharfinger_[0-9a-f]{12}_[0-9a-f]{64}$/);
	expect(page.url()).not.toContain('wharfinger_');
	if (info.project.name === 'live') await accessible(page);
	const answer = await me(token);
	expect(answer.status).toBe(200);
	expect((await answer.json()).token.restriction).toEqual({
		permissions: ['registry.view', 'repository.view', 'repository.pull'],
		registry: 'demo',
		repositories: 'storefront/*',
	});

	await page.reload();
	await expect(page.getByText('shown only this once')).toHaveCount(0);
	expect(await page.content()).not.toContain(token);
	const row = page.getByRole('row', { name });
	await expect(row).toContainText('registry.view, repository.view, repository.pull, in demo, on storefront/*');
	await page.setViewportSize({ width: 375, height: 740 });
	if (info.project.name === 'live') await fits(page);
	await row.getByText('Revoke').first().click();
	await row.getByRole('button', { name: `Revoke ${name}` }).click();
	await expect(page.getByText('The token is revoked.')).toBeVisible();
	await expect(page.getByRole('row', { name })).toHaveCount(0);
	expect((await me(token)).status).toBe(401);
});

test('what is wrong with a token stands beside its field', async ({ page }) => {
	await page.goto(`${wharfinger.root}/profile`);
	await page.getByText('Make a token').click();
	await page.getByLabel('What it is for').fill('x'.repeat(101));
	await page.getByText('Restrict what it may do').click();
	await page.getByLabel('Only on these repositories').fill('*a*b*c*d*e*f*g*h*i');
	await page.getByRole('button', { name: 'Make token' }).click();
	await expect(page.getByText('A pattern has at most 8 wildcards')).toBeVisible();
	await expect(page.getByText('Say in up to 100 characters')).toBeVisible();
	await expect(page.getByLabel('Only on these repositories')).toHaveValue('*a*b*c*d*e*f*g*h*i');
});

test('the page of the API is accessible, and fits a phone @live', async ({ page }) => {
	// It describes every operation, all alike, and is the longest page there is: colours are looked at in one of them.
	test.slow();
	const found = complaints(page);
	await page.goto(`${wharfinger.root}/profile`);
	await page.getByRole('main').getByRole('link', { name: 'API' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'API' })).toBeVisible();
	await page.getByRole('link', { name: 'List the tags of a repository' }).click();
	await expect(page).toHaveURL(/#listTags$/);
	await sound(page, 'section[aria-labelledby=listTags]');
	expect(found).toEqual([]);
});
