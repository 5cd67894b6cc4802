import { expect, test } from '@playwright/test';
import { soundEverywhere } from '../support/checks.js';
import { joined } from '../support/people.js';
import { daysFromNow } from '../support/process.js';
import { signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let state: Awaited<ReturnType<typeof signedIn>>;
test.beforeAll(async ({ browser }) => {
	wharfinger = await Wharfinger.start({ args: ['--demo'] });
	state = await signedIn(browser, wharfinger);
});
test.afterAll(() => wharfinger?.remove());
test.beforeEach(({ context }) => context.addCookies(state.cookies));

test('an explanation says yes or no, by which grants, and who could help', async ({ page }, info) => {
	await page.goto(`${wharfinger.root}/access/explain`);
	await page.locator('[name=who]').fill('anonymous');
	await page.locator('[name=act]').selectOption('repository.push');
	await page.locator('[name=where]').fill('demo/team/api');
	await page.getByRole('button', { name: 'Explain' }).click();
	const main = page.getByRole('main');
	await expect(main).toContainText('No. anonymous may not use repository.push on demo/team/api.');
	await expect(main).toContainText('No grant gives it.');
	await expect(page.getByRole('region', { name: 'Who could grant it' })).toContainText('ada');
	if (info.project.name === 'live') await soundEverywhere(page);
	await page.goto(`${wharfinger.root}/access/explain?act=repository.push&where=demo/team~api`);
	await expect(main).toContainText('Yes. You may use repository.push on demo/team/api.');
	await expect(page.getByRole('table').first()).toContainText('Administrator');
	const absent = await page.goto(`${wharfinger.root}/access/explain?who=anonymous&act=repository.push&where=nowhere/x`);
	expect(absent?.status()).toBe(404);
});

test('the matrix shows who may do what where, and a cell says by which grants', async ({ page }, info) => {
	await page.goto(`${wharfinger.root}/access/matrix?patterns=demo/**`);
	const table = page.getByRole('region', { name: 'Who may do what where' });
	const cell = table.getByRole('row', { name: /^ada/ }).getByRole('link', { name: /Administrator/ });
	await cell.click();
	const aside = page.getByRole('complementary', { name: /^ada on demo/ });
	await expect(aside).toContainText('Administrator');
	await expect(aside).toContainText('own grant');
	if (info.project.name === 'live') await soundEverywhere(page);
	const [download] = await Promise.all([
		page.waitForEvent('download'),
		page.getByRole('link', { name: 'Export CSV' }).click(),
	]);
	expect(download.suggestedFilename()).toBe('matrix.csv');
	const csv = await (await page.request.get(`${wharfinger.root}/exports/matrix.csv`)).text();
	expect(csv.split('\n')[0]).toContain('subject,name,where,registry.view');
	expect(csv).toContain(',ada,everything,all,');
});

test('reviews and requests say when there is nothing to do', async ({ page }, info) => {
	await page.goto(`${wharfinger.root}/access/review`);
	await expect(page.getByText('No grant needs a look.')).toBeVisible();
	await page.getByRole('link', { name: 'Past reviews' }).click();
	await expect(page.getByText('No review was recorded in this time.')).toBeVisible();
	if (info.project.name === 'live') await soundEverywhere(page);
	await page.goto(`${wharfinger.root}/access/requests`);
	await expect(page.getByText('Nobody asks for anything that you could grant.')).toBeVisible();
	if (info.project.name === 'live') await soundEverywhere(page);
});

test('a grant that ends soon is confirmed and revoked from the review', async ({ page }, info) => {
	const pattern = `soon-${info.project.name}/**`;
	const until = daysFromNow(9);
	const fields = new URLSearchParams({ subject: 'everyone', role: 'reader', repositories: pattern, until, look: 'yes' });
	await page.goto(`${wharfinger.root}/access/grants/new?${fields}`);
	await page.getByRole('button', { name: 'Grant Reader to everyone signed in' }).click();
	await expect(page.getByText('The grant is made.')).toBeVisible();

	await page.goto(`${wharfinger.root}/access/review?why=ending`);
	const row = page.getByRole('row', { name: new RegExp(`soon-${info.project.name}`) });
	await expect(row).toContainText('It ends on');
	await row.getByRole('checkbox').check();
	await page.getByLabel('Note').fill('asked the team');
	await page.getByRole('button', { name: 'Confirm the chosen grants' }).click();
	await expect(page.getByText('1 grant is confirmed.')).toBeVisible();
	await page.goto(`${wharfinger.root}/access/review?why=ending`);
	if (info.project.name === 'live') await soundEverywhere(page);
	await row.getByRole('checkbox').check();
	await page.getByRole('button', { name: 'Revoke the chosen grants' }).click();
	await expect(page.getByText('1 grant is revoked.')).toBeVisible();

	await page.goto(`${wharfinger.root}/access/review/report`);
	const decided = page.getByRole('row', { name: new RegExp(`soon-${info.project.name}`) });
	await expect(decided).toHaveCount(2);
	await expect(decided.filter({ hasText: 'confirmed' })).toContainText('asked the team');
	await expect(decided.filter({ hasText: 'revoked' })).toContainText('ada');
});

test('whoever may not do something is led to why, asks for it, and those who can grant it see how many wait', async ({ page, browser }, info) => {
	test.slow();
	const live = info.project.name === 'live';
	const name = `reader.${info.project.name}`;
	const theirs = await joined(page, browser, wharfinger.root, name, live);
	const main = theirs.getByRole('main');
	await theirs.goto(wharfinger.root);
	await theirs.getByRole('link', { name: 'Why can’t I see more?' }).click();
	await expect(main).toContainText('No. You may not use repository.view on everything.');

	await page.goto(`${wharfinger.root}/access/grants/new?look=yes&subject=${name}&role=reader&registry=demo`);
	await page.getByRole('button', { name: `Grant Reader to ${name}` }).click();
	await expect(page.getByText('The grant is made.')).toBeVisible();

	await theirs.goto(wharfinger.root);
	await expect(theirs.getByRole('button', { name: 'Add a registry' })).toHaveAttribute('aria-disabled', 'true');
	if (live) await soundEverywhere(theirs);
	await theirs.goto(`${wharfinger.root}/registries/demo/storefront~web`);
	await theirs.getByRole('link', { name: 'Why can’t I see who can?' }).click();
	await expect(main).toContainText('No. You may not use grant.view on demo/storefront/web.');
	await theirs.goto(`${wharfinger.root}/registries/demo`);
	if (live) await soundEverywhere(theirs);
	await theirs.getByRole('link', { name: 'Why can’t I manage it?' }).click();
	await expect(main).toContainText('No. You may not use registry.manage on demo.');
	await theirs.getByLabel('What you need it for').fill('the mirror moves');
	await theirs.getByRole('button', { name: 'Request access' }).click();
	await expect(theirs.getByText('Your request waits for those who can grant it.')).toBeVisible();
	const tab = (whose: typeof page) => whose.getByRole('navigation', { name: 'Access' }).getByRole('link', { name: /^Requests/ });
	await expect(tab(theirs), 'a number of others’ requests is for those who answer them').toHaveText('Requests');

	await page.goto(`${wharfinger.root}/access`);
	await expect(tab(page)).toHaveAccessibleName('Requests 1 waiting');
	await tab(page).click();
	await page.getByText(`Decline the request of ${name}`).click();
	await page.getByLabel('Why').fill('the mirror stays');
	await page.getByRole('button', { name: 'Decline', exact: true }).click();
	await expect(page.getByText('The request is declined.')).toBeVisible();
	await expect(tab(page)).toHaveText('Requests');
	await theirs.context().close();
});
