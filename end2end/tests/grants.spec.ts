import { expect, test } from '@playwright/test';
import { complaints, live, soundEverywhere } from '../support/checks.js';
import { signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let state: Awaited<ReturnType<typeof signedIn>>;
test.beforeAll(async ({ browser }) => {
	wharfinger = await Wharfinger.start({ args: ['--demo'] });
	state = await signedIn(browser, wharfinger);
});
test.afterAll(() => wharfinger?.remove());
test.beforeEach(({ context }) => context.addCookies(state.cookies));

test('access is granted, changed and revoked, each time with what it changes first', async ({ page }, info) => {
	const pattern = `team-${info.project.name}/**`;
	await page.goto(wharfinger.root);
	await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Access' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Access' })).toBeVisible();
	await page.getByRole('link', { name: 'Grant access' }).click();
	await page.getByLabel('To whom').fill('everyone signed in');
	await page.getByLabel('Role').selectOption('reader');
	await page.getByLabel('On which repositories').fill(pattern);
	await page.getByLabel('Because').fill('release 4.18');
	await page.getByRole('button', { name: 'See what it changes' }).click();

	const changes = page.getByRole('region', { name: 'What this changes' });
	await expect(changes.getByRole('row', { name: /everyone signed in/ })).toContainText('repository.pull');
	await expect(changes).not.toContainText('ada');
	await page.getByRole('button', { name: 'Grant Reader to everyone signed in' }).click();
	await expect(page.getByText('The grant is made.')).toBeVisible();
	await expect(page.getByRole('main')).toContainText('release 4.18');
	const grant = page.url().replace(/\?.*/, '');

	await page.getByText('Change it').click();
	await page.getByLabel('Role').selectOption('viewer');
	await page.getByLabel('Last day').fill('2099-12-31');
	await page.getByRole('button', { name: 'See what it changes' }).click();
	await expect(changes.getByRole('row', { name: /everyone signed in/ })).toContainText('repository.pull');
	await page.getByRole('button', { name: /^Save grant/ }).click();
	await expect(page.getByText('The grant is changed.')).toBeVisible();
	await expect(page.getByRole('main')).toContainText('2099-12-31');

	await page.goto(`${wharfinger.root}/access/grants?repositories=${encodeURIComponent(pattern)}`);
	await expect(page.getByRole('table', { name: 'Grants' }).getByRole('row')).toHaveCount(3);
	await page.goto(grant);
	await page.getByRole('link', { name: 'Revoke' }).click();
	await expect(changes.getByRole('row', { name: /everyone signed in/ })).toContainText('repository.view');
	await page.getByRole('button', { name: 'Revoke Viewer from everyone signed in' }).click();
	await expect(page.getByText(/Grant \d+ is revoked/)).toBeVisible();
	await page.goto(grant);
	await expect(page.getByText(/There is no grant/)).toBeVisible();
});

test('what is wrong stands beside its field, and nobody known can only look and pull', async ({ page }) => {
	await page.goto(`${wharfinger.root}/access/grants/new?subject=anonymous&role=writer`);
	await page.getByLabel('On which repositories').fill('*a*b*c*d*e*f*g*h*i');
	await page.getByRole('button', { name: 'See what it changes' }).click();
	await expect(page.getByText('A pattern has at most 8 wildcards')).toBeVisible();
	await expect(page.getByText('has to be somebody’s doing')).toBeVisible();
	await expect(page.getByLabel('On which repositories')).toHaveValue('*a*b*c*d*e*f*g*h*i');
});

test('a preview that another change made old is shown again, and saves nothing', async ({ page, context }, info) => {
	const form = `subject=everyone&role=reader&repositories=stale-${info.project.name}`;
	await page.goto(`${wharfinger.root}/access/grants/new?look=yes&${form}`);
	const other = await context.newPage();
	await other.goto(`${wharfinger.root}/access/grants/new?look=yes&subject=everyone&role=viewer&repositories=other-${info.project.name}`);
	await other.getByRole('button', { name: /^Grant Viewer/ }).click();
	await expect(other.getByText('The grant is made.')).toBeVisible();
	await page.getByRole('button', { name: /^Grant Reader/ }).click();
	await expect(page.getByText('Access was changed since you looked. Nothing is saved.')).toBeVisible();
	await page.getByRole('button', { name: /^Grant Reader/ }).click();
	await expect(page.getByText('The grant is made.')).toBeVisible();
});

test('the last administrator can not go', async ({ page }) => {
	await page.goto(`${wharfinger.root}/access/grants?role=administrator`);
	await page.getByRole('table', { name: 'Grants' }).getByRole('link', { name: 'ada' }).first().click();
	await page.getByRole('link', { name: 'Revoke' }).click();
	await expect(page.getByText('You lose rights yourself.')).toBeVisible();
	await page.getByRole('button', { name: 'Revoke Administrator from ada' }).click();
	await expect(page.getByText(/Nobody would be left who may do everything/)).toBeVisible();
});

test('who can see a repository is a link away from it', async ({ page }) => {
	await page.goto(`${wharfinger.root}/registries/demo/storefront~web`);
	await page.getByRole('link', { name: 'Who can see this?' }).click();
	const table = page.getByRole('table', { name: 'Who can do what there' });
	await expect(table.getByRole('row', { name: /ada/ })).toContainText('Administrator');
	await page.getByRole('link', { name: 'By subject' }).click();
	await expect(page.getByRole('table', { name: 'What is held' })).toContainText('everything');
	await page.getByRole('link', { name: 'By role' }).click();
	await expect(page.getByRole('table', { name: /Roles/ }).getByRole('row', { name: /Maintainer/ })).toBeVisible();
});

test('the list is exported as it is filtered', async ({ page }) => {
	await page.goto(`${wharfinger.root}/access/grants?role=administrator`);
	const href = await page.getByRole('link', { name: 'Export CSV' }).getAttribute('href');
	const answer = await page.request.get(wharfinger.root + href!);
	expect(answer.headers()['content-type']).toContain('text/csv');
	const lines = (await answer.text()).trim().split('\r\n');
	expect(lines[0]).toMatch(/^id,subject,name,role/);
	expect(lines).toHaveLength(2);
	expect(lines[1]).toContain('ada,Administrator');
});

for (const [name, path] of [
	['overview by repository', '/access?by=repository&registry=demo&repository=storefront/web'],
	['overview by subject', '/access?by=subject'],
	['overview by role', '/access?by=role'],
	['grants', '/access/grants'],
	['a new grant', '/access/grants/new?look=yes&subject=everyone&role=reader&repositories=sound/**'],
	['a grant', '/access/grants/1'],
	['a grant being revoked', '/access/grants/1?revoke=yes'],
	['roles', '/access/roles'],
	['a role', '/access/roles/maintainer'],
	['a new role', '/access/roles/new'],
] as const) {
	test(`${name}: no complaints, accessible in light and dark, fits a phone @live`, async ({ page }) => {
		const found = complaints(page);
		await page.goto(wharfinger.root + path);
		await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		await live(page);
		await soundEverywhere(page);
		expect(found).toEqual([]);
	});
}
