// Robots: made for a team, given a secret that is shown once, used from templates, and revoked.
import { expect, type Page, test } from '@playwright/test';
import { accessible, allSound } from '../support/checks.js';
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

	await page.goto(`${wharfinger.root}/access/grants/new?look=yes&subject=${robot}&role=writer&repositories=storefront/**`);
	await page.getByRole('button', { name: `Grant Writer to ${robot}` }).click();
	await expect(page.getByText('The grant is made.')).toBeVisible();
	const changes = page.getByRole('region', { name: 'What this changes' });
	await page.goto(`${wharfinger.root}/access/robots/${robot}`);
	await page.getByRole('link', { name: 'Disable this robot' }).click();
	await expect(changes.getByRole('row', { name: robot })).toContainText('repository.push on storefront/*');
	await page.getByRole('button', { name: `Disable ${robot}` }).click();
	await expect(page.getByText('Disabled: from this second on')).toBeVisible();
	await page.getByRole('link', { name: 'Remove this robot' }).click();
	await expect(changes).toContainText('Nobody gains or loses anything by it now.');
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
	await expect(page.getByText('Before the team can be removed they are removed, or given to another team.')).toBeVisible();
	await expect(page.getByText('Remove this team')).toHaveCount(0);
});

test('the pages of robots are accessible, and fit a phone @live', async ({ page }) => {
	test.slow();
	await made(page, 'riggers', 'crane-1');
	await allSound(page, wharfinger.root, [
		'/access/robots',
		'/access/robots/crane-1',
		'/access/robots/crane-1?ask=disable',
		'/access/robots/crane-1?ask=remove',
		'/access/teams/riggers',
	]);
});
