// A shop as it might be: who works there, what each may do, and registries beside the demo's, for the README's pictures.
import { type Page, expect } from '@playwright/test';
import { push } from './images.js';
import { daysFromNow, freePort, run, until } from './process.js';
import { Registry } from './registry.js';
import { addRegistry, binary, person, Wharfinger } from './wharfinger.js';

/** Asks the interface as whoever the token is of; all that is asked for has to be done. */
type Ask = (method: string, path: string, body?: unknown) => Promise<void>;

function asking(wharfinger: Wharfinger): Ask {
	const token = run(binary, ['admin', 'token', person.name, '--data-dir', wharfinger.data.path]).match(/wharfinger_[0-9a-f_]+/)?.[0];
	return async (method, path, body) => {
		const answer = await fetch(`${wharfinger.root}/api/v1${path}`, {
			method, body: body === undefined ? undefined : JSON.stringify(body),
			headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
		});
		expect(answer.ok, `${method} ${path}: ${answer.status} ${answer.ok ? '' : await answer.text()}`).toBe(true);
	};
}

async function people(ask: Ask): Promise<void> {
	const all = { grace: 'Grace', alan: 'Alan', katherine: 'Katherine', tim: 'Tim' };
	for (const [name, display_name] of Object.entries(all)) await ask('POST', '/people', { name, display_name });
	const teams: [string, string, string[]][] = [
		['storefront', 'They build what customers see.', ['grace', 'alan']],
		['platform', 'They keep the clusters running.', ['katherine']],
	];
	for (const [name, description, members] of teams) {
		await ask('POST', '/teams', { name, description });
		for (const member of members) await ask('PUT', `/teams/${name}/members/${member}`, { lead: member === members[0] });
	}
	await ask('POST', '/robots', { name: 'ci-storefront', team: 'storefront', purpose: 'builds and pushes the storefront' });
	await ask('POST', '/robots', { name: 'cluster-prod', team: 'platform', purpose: 'pulls for the production cluster' });
}

async function grants(ask: Ask): Promise<void> {
	const all: [string, string, string | null, string, string?][] = [
		['everyone', 'viewer', 'demo', 'so that people find what there is'],
		['team storefront', 'maintainer', 'storefront/**', 'their own images'],
		['team platform', 'maintainer', 'platform/**', 'their own images'],
		['team platform', 'reader', '**', 'they run all of it'],
		['robot ci-storefront', 'writer', 'storefront/*', 'release pipeline'],
		['robot cluster-prod', 'reader', '**', 'runs in production'],
		['tim', 'reader', 'storefront/checkout', 'security review of the checkout', daysFromNow(40)],
	];
	for (const [subject, role, repositories, because, until] of all) {
		const where = repositories === 'demo' ? { registry: 'demo' } : { registry: 'demo', repositories };
		await ask('POST', '/grants', { subject, role, ...where, because, ...(until ? { until } : {}) });
	}
}

/** A registry that takes our tokens, with some images. */
async function production(page: Page, root: string): Promise<Registry> {
	const port = await freePort();
	await page.goto(`${root}/settings/registries/new`);
	await page.locator('[name=name]').fill('production');
	await page.locator('[name=address]').fill(`http://127.0.0.1:${port}`);
	await page.getByRole('radio', { name: 'This program’s token server' }).check();
	await page.getByRole('button', { name: 'Add registry' }).click();
	await expect(page.getByText('The registry is added.')).toBeVisible();
	await page.goto(`${root}/settings/registries/production/tokens`);
	const box = page.locator('details', { has: page.locator('summary', { hasText: 'distribution 2.8' }) });
	const yaml = (await box.locator('pre').textContent()) ?? '';
	const certificates = await fetch((await page.getByRole('link', { name: /certificates\.pem/ }).getAttribute('href'))!);
	const pasted = { yaml, path: '/etc/wharfinger/tokens.pem', file: await certificates.text() };
	const registry = await Registry.start({ port, deleting: true, pasted, login: { user: person.name, password: person.password } });
	push(registry, 'storefront/web', ['v4.17.2', 'stable'], { layers: ['debian', 'node', 'web 4.17.2'] });
	push(registry, 'storefront/checkout', ['v2.9.0'], { layers: ['debian', 'node', 'checkout'] });
	push(registry, 'platform/gateway', ['1.9.2'], { layers: ['debian', 'gateway'], platforms: ['linux/amd64', 'linux/arm64'] });
	await page.goto(`${root}/settings/registries/production/tokens`);
	await page.getByRole('button', { name: 'Check the registry' }).click();
	await expect(page.getByText('The registry uses this token server.').first()).toBeVisible();
	// It was probed before it ran.
	await page.goto(`${root}/settings/registries/production`);
	await page.getByRole('button', { name: 'Probe again' }).click();
	await expect(page.locator('#found')).toContainText('Deleting allowed', { timeout: 20_000 });
	await page.goto(`${root}/reading/production`);
	await page.getByRole('button', { name: 'Refresh everything now' }).click();
	return registry;
}

/** Fills a program that runs the demo; gives the registry to be stopped at the end. */
export async function shop(page: Page, wharfinger: Wharfinger): Promise<Registry> {
	const ask = asking(wharfinger);
	await people(ask);
	await grants(ask);
	// One that is down, for there is always one.
	await addRegistry(page, wharfinger.root, { name: 'mirror', address: `http://127.0.0.1:${await freePort()}` });
	const registry = await production(page, wharfinger.root);
	await until('everything to be read', async () => {
		await page.goto(wharfinger.root);
		const rows = page.getByRole('region', { name: 'Registries' }).locator('tbody tr');
		const text = (await rows.allTextContents()).filter((row) => !row.includes('mirror')).join(' ');
		const images = await rows.filter({ hasText: 'production' }).locator('td[data-label=tags]').textContent();
		return images !== '4' || /never read|% read|reading/.test(text) ? undefined : true;
	}, 60);
	return registry;
}
