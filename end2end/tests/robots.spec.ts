// Robots: made for a team, given a secret that is shown once, used from templates, and revoked.
import { expect, type Page, test } from '@playwright/test';
import { accessible, complaints, fits } from '../support/checks.js';
import { signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let state: Awaited<ReturnType<typeof signedIn>>;
test.beforeAll(async ({ browser }) => {
	wharfinger = await Wharfinger.start({ args: ['--demo'] });
	state = await signedIn(browser, wharfinger);
});
test.afterAll(() => wharfinger?.remove());
test.beforeEach(({ context }) => context.addCookies(state.cookies));

/** Makes a team, and a robot of it. */
async function made(page: Page, team: string, robot: string): Promise<void> {
	await page.goto(`${wharfinger.root}/access/teams`);
	await page.getByText('Make a team').click();
	await page.getByLabel('Name', { exact: true }).last().fill(team);
	await page.getByRole('button', { name: 'Make team' }).click();
	await page.getByRole('link', { name: 'Make a robot' }).click();
	await page.getByLabel('Name', { exact: true }).last().fill(robot);
	await expect(page.getByLabel('Team')).toHaveValue(team);
	await page.getByLabel('What it is for').fill('builds the storefront');
	await page.getByRole('button', { name: 'Make robot' }).click();
	await expect(page.getByText('The robot is made.')).toBeVisible();
}

test('a robot is made, its secret is shown once, and revoked', async ({ page }, info) => {
	test.slow();
	const live = info.project.name === 'live';
	const robot = `ci-${info.project.name}`;
	await made(page, `builders-${info.project.name}`, robot);
	await expect(page.getByText(`robot+${robot}`, { exact: true })).toBeVisible();

	await page.getByText('Make a secret', { exact: true }).click();
	await page.getByLabel('Where it is used').fill('GitHub Actions');
	await page.getByLabel('It ends on').first().fill('2020-01-01');
	await page.getByRole('button', { name: 'Make secret' }).click();
	await expect(page.getByText('This day has begun already.')).toBeVisible();
	await page.getByLabel('It ends on').first().fill('');
	await page.getByRole('button', { name: 'Make secret' }).click();
	await expect(page.getByText('shown only this once')).toBeVisible();
	const secret = (await page.locator('.notice .command pre').textContent()) ?? '';
	expect(secret).toMatch(/^wharfinger_robot_[0-9a-f]{12}_[0-9a-f]{64}$/);
	expect(page.url()).not.toContain('wharfinger_');

	// The templates: the manifest alone has the secret in it, and only now.
	await expect(page.getByText(`--username robot+${robot} --password-stdin`).first()).toBeVisible();
	await page.getByText('Kubernetes', { exact: true }).click();
	await expect(page.getByText('kubernetes.io/dockerconfigjson')).toBeVisible();
	await page.getByText('GitHub Actions', { exact: true }).last().click();
	await expect(page.getByText('docker/login-action')).toBeVisible();
	if (live) await accessible(page);
	await page.reload();
	expect(await page.content()).not.toContain(secret);

	const row = page.getByRole('row', { name: 'GitHub Actions' });
	await expect(row).toContainText('never');
	await row.getByText('Revoke').first().click();
	await row.getByRole('button', { name: 'Revoke GitHub Actions' }).click();
	await expect(page.getByText('The secret is revoked.')).toBeVisible();
	await expect(page.getByText('It has no secret')).toBeVisible();

	await page.getByText('Disable this robot').click();
	await page.getByRole('button', { name: `Disable ${robot}` }).click();
	await expect(page.getByText('Disabled: from this second on')).toBeVisible();
	await page.getByText('Remove this robot').click();
	await page.getByLabel(`Type ${robot} to confirm`).fill(robot);
	await page.getByRole('button', { name: `Remove robot ${robot}` }).click();
	await expect(page.getByText('The robot is removed')).toBeVisible();
});

test('what is wrong with a robot stands beside its field', async ({ page }, info) => {
	const robot = `here-${info.project.name}`;
	await made(page, `dockers-${info.project.name}`, robot);
	await page.goto(`${wharfinger.root}/access/robots`);
	await expect(page.getByRole('row', { name: robot })).toBeVisible();
	await page.getByText('Make a robot').click();
	await page.getByLabel('Name', { exact: true }).last().fill('CI Build');
	await page.getByRole('button', { name: 'Make robot' }).click();
	await expect(page.getByText('A robot’s name is made of').or(page.getByText("A robot's name is made of"))).toBeVisible();
	await page.getByLabel('Name', { exact: true }).last().fill(robot);
	await page.getByRole('button', { name: 'Make robot' }).click();
	await expect(page.getByText(`There is a robot called ${robot} already.`)).toBeVisible();
	await page.goto(`${wharfinger.root}/access/teams/dockers-${info.project.name}`);
	await page.getByText('Remove this team').click();
	await expect(page.getByText('give them to another team first')).toBeVisible();
});

test('the pages of robots are accessible, and fit a phone @live', async ({ page }) => {
	test.slow();
	const found = complaints(page);
	await made(page, 'riggers', 'crane-1');
	for (const path of ['/access/robots', '/access/robots/crane-1', '/access/teams/riggers']) {
		await page.setViewportSize({ width: 1280, height: 800 });
		await page.goto(wharfinger.root + path);
		await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
		await accessible(page);
		await page.emulateMedia({ colorScheme: 'dark' });
		await accessible(page);
		await page.emulateMedia({ colorScheme: 'light' });
		await page.setViewportSize({ width: 375, height: 740 });
		await fits(page);
	}
	expect(found).toEqual([]);
});
