// People and teams: invited by a link, given a team, disabled, removed.
import { expect, test } from '@playwright/test';
import { accessible, allSound } from '../support/checks.js';
import { elsewhere, invite, password } from '../support/people.js';
import { signedIn, Wharfinger } from '../support/wharfinger.js';

let wharfinger: Wharfinger;
let state: Awaited<ReturnType<typeof signedIn>>;
test.beforeAll(async ({ browser }) => {
	wharfinger = await Wharfinger.start({ args: ['--demo'] });
	state = await signedIn(browser, wharfinger);
});
test.afterAll(() => wharfinger?.remove());
test.beforeEach(({ context }) => context.addCookies(state.cookies));

test('somebody is invited, chooses a password, joins a team, is disabled and removed', async ({ page, browser }, info) => {
	test.slow();
	const live = info.project.name === 'live';
	const name = `alan.${info.project.name}`;
	const path = await invite(page, wharfinger.root, name);
	await expect(page.getByText('--public-url')).toBeVisible();
	if (live) await accessible(page);
	await page.reload();
	expect(await page.content(), 'shown once').not.toContain(path);

	const theirs = await elsewhere(browser, live);
	await theirs.goto(wharfinger.root + path);
	await expect(theirs).toHaveURL(`${wharfinger.root}/join`);
	await expect(theirs.getByText(`You sign in as ${name}.`)).toBeVisible();
	if (live) await accessible(theirs);
	await theirs.getByLabel('Password', { exact: true }).fill(password);
	await theirs.getByLabel('Password again').fill('something else');
	await theirs.getByRole('button', { name: 'Take the account' }).click();
	await expect(theirs.getByText('The two are not the same.')).toBeVisible();
	await theirs.getByLabel('Password', { exact: true }).fill(password);
	await theirs.getByLabel('Password again').fill(password);
	await theirs.getByRole('button', { name: 'Take the account' }).click();
	await expect(theirs.getByRole('heading', { level: 1, name })).toBeVisible();
	await expect(theirs.getByText('Your account is yours.')).toBeVisible();
	const again = await elsewhere(browser, live);
	await again.goto(wharfinger.root + path);
	await expect(again.getByRole('heading', { name: 'This link is not good' })).toBeVisible();
	await again.context().close();

	// A team, of which they are a lead.
	const team = `crew-${info.project.name}`;
	await page.goto(`${wharfinger.root}/access/teams`);
	await page.getByText('Make a team').click();
	await page.getByLabel('Name', { exact: true }).last().fill(team);
	await page.getByLabel('What it is').fill('They keep it afloat.');
	await page.getByRole('button', { name: 'Make team' }).click();
	await expect(page.getByText('The team is made.')).toBeVisible();
	await page.getByLabel('Add a person').fill('nobody-of-this-name');
	await page.getByRole('button', { name: 'Add to the team' }).click();
	await expect(page.getByText('There is nobody called nobody-of-this-name.')).toBeVisible();
	await page.getByLabel('Add a person').fill(name);
	await page.getByRole('checkbox', { name: 'As a lead' }).check();
	await page.getByRole('button', { name: 'Add to the team' }).click();
	await expect(page.getByRole('row', { name })).toContainText('lead');
	if (live) await accessible(page);
	await theirs.goto(`${wharfinger.root}/access/teams/${team}`);
	await expect(theirs.getByRole('button', { name: 'Add to the team' })).toBeVisible();
	await expect(theirs.getByText('Remove this team')).toHaveCount(0);
	await expect(theirs.getByText('Rename or remove the team')).toBeVisible();
	await expect(theirs.getByRole('link', { name: 'Why can’t I: Rename or remove the team' })).toBeVisible();
	const others = await theirs.goto(`${wharfinger.root}/access/people/ada`);
	expect(others?.status(), 'whom one may not know').toBe(404);

	// What the team has they have, and would lose: said before anything is taken away.
	await page.goto(`${wharfinger.root}/access/grants/new?look=yes&subject=${team}&role=reader&repositories=crew/**`);
	await page.getByRole('button', { name: `Grant Reader to ${team}` }).click();
	await expect(page.getByText('The grant is made.')).toBeVisible();
	const changes = page.getByRole('region', { name: 'What this changes' });
	await page.goto(`${wharfinger.root}/access/teams/${team}`);
	await page.getByRole('link', { name: `Take out ${name}` }).click();
	await expect(changes.getByRole('row', { name })).toContainText('repository.pull on crew/*');
	await expect(page.getByRole('button', { name: `Take ${name} out of ${team}` })).toBeVisible();
	await page.getByRole('link', { name: 'Leave all as it is' }).click();
	await page.getByRole('link', { name: 'Remove this team' }).click();
	await expect(changes.getByRole('row', { name })).toContainText('repository.pull on crew/*');
	await expect(page.getByText('Its 1 member stays as a person.')).toBeVisible();

	await page.goto(`${wharfinger.root}/access/people?q=${name}`);
	await expect(page.getByRole('row', { name })).toContainText(team);
	await page.getByRole('link', { name }).click();
	await page.getByRole('link', { name: 'Disable this person' }).click();
	await expect(changes.getByRole('row', { name })).toContainText('repository.pull on crew/*');
	await page.getByRole('button', { name: `Disable ${name}` }).click();
	await expect(page.getByText('Their sessions are ended')).toBeVisible();
	await theirs.goto(`${wharfinger.root}/profile`);
	await expect(theirs).toHaveURL(/\/sign-in/);
	await theirs.context().close();

	await page.getByRole('link', { name: 'Remove this person' }).click();
	await expect(changes).toContainText('Nobody gains or loses anything by it now.');
	await page.getByLabel(`Type ${name} to confirm`).fill('somebody');
	await page.getByRole('button', { name: `Remove person ${name}` }).click();
	await expect(page.getByText(`Type ${name}.`)).toBeVisible();
	await page.getByLabel(`Type ${name} to confirm`).fill(name);
	await page.getByRole('button', { name: `Remove person ${name}` }).click();
	await expect(page.getByText('The person is removed.')).toBeVisible();
	await expect(page.getByRole('row', { name })).toHaveCount(0);
	await page.goto(`${wharfinger.root}/audit?q=${name}`);
	await expect(page.getByRole('main')).toContainText('person.remove');
});

test('the last administrator stays', async ({ page }) => {
	await page.goto(`${wharfinger.root}/access/people/ada`);
	await page.getByRole('link', { name: 'Disable this person' }).click();
	await expect(page.getByText('You lose rights yourself.')).toBeVisible();
	await page.getByRole('button', { name: 'Disable ada' }).click();
	await expect(page.getByText('would leave nobody who may do everything')).toBeVisible();
});

test('the pages of people and teams are accessible, and fit a phone @live', async ({ page }) => {
	test.slow();
	await allSound(page, wharfinger.root, [
		'/access/people',
		'/access/people/ada',
		'/access/people/ada?ask=disable',
		'/access/people/ada?ask=remove',
		'/access/teams',
	]);
});
