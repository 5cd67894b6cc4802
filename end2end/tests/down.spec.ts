import { expect, test } from '@playwright/test';
import { push } from '../support/images.js';
import { Registry } from '../support/registry.js';
import { addRegistry, signedIn, Wharfinger } from '../support/wharfinger.js';

test('a registry that is down is said to be, keeps what is known, and delays nobody else', async ({ browser, page, context }) => {
	const [wharfinger, up, down] = await Promise.all([Wharfinger.start(), Registry.start(), Registry.start()]);
	try {
		push(up, 'team/up', ['1']);
		push(down, 'team/down', ['1']);
		await context.addCookies((await signedIn(browser, wharfinger)).cookies);
		await addRegistry(page, wharfinger.root, { name: 'up', address: up.address });
		await addRegistry(page, wharfinger.root, { name: 'down', address: down.address });
		await page.goto(`${wharfinger.root}/registries/down/team~down`);
		await expect(page.getByRole('main').getByRole('link', { name: '1', exact: true }).first()).toBeVisible();
		await down.stop();

		// What is kept is shown, with what is wrong.
		await page.goto(`${wharfinger.root}/registries/down/team~down`);
		await expect(page.getByRole('main').getByRole('link', { name: '1', exact: true }).first()).toBeVisible();
		// What is not kept has a page that says what was tried.
		const answer = await page.goto(`${wharfinger.root}/registries/down/team~down/tags/2`);
		expect([502, 504]).toContain(answer?.status());
		await expect(page.getByRole('alert')).toContainText(/down|refus|reach/i);
		await expect(page.getByRole('link', { name: 'Try again' }).first()).toBeVisible();

		const before = Date.now();
		await page.goto(`${wharfinger.root}/registries/up/team~up`);
		await expect(page.getByRole('main').getByRole('link', { name: '1', exact: true }).first()).toBeVisible();
		expect(Date.now() - before).toBeLessThan(5_000);

		await page.goto(`${wharfinger.root}/settings/registries/down`);
		await page.getByRole('button', { name: 'Probe again' }).click();
		await expect(page.locator('.findings')).toContainText('refuses the connection');
		await page.goto(wharfinger.root);
		await expect(page.getByRole('main')).toContainText(/can.t be reached/);

		await down.restart();
		await page.goto(`${wharfinger.root}/registries/down/team~down/tags/1`);
		await expect(page.getByRole('heading', { level: 1 })).toContainText('team/down');
	} finally {
		await Promise.all([wharfinger.remove(), up.remove(), down.remove()]);
	}
});
