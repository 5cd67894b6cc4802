import { expect, test } from '@playwright/test';
import { live } from '../support/checks.js';
import { signedIn, Wharfinger } from '../support/wharfinger.js';

// The README's pictures. They are taken at every run; `PICTURES=pictures` keeps them where the README looks.
const into = process.env.PICTURES ?? 'test-results/pictures';

const shots: [string, string, { dark?: boolean; phone?: boolean }][] = [
	['repositories', '/registries/demo', {}],
	['tags', '/registries/demo/storefront~web', {}],
	['tags-phone', '/registries/demo/storefront~web', { phone: true }],
	['image-dark', '/registries/demo/storefront~web/tags/latest', { dark: true }],
	['image', '/registries/demo/storefront~web/tags/latest', {}],
	['compare', '/compare?a=demo/storefront/web:v4.18&b=demo/storefront/web:v4.16.1', {}],
	['connection', '/settings/registries/demo', {}],
	['audit', '/audit', {}],
	['audit-phone-dark', '/audit', { phone: true, dark: true }],
	['profile', '/profile', {}],
	['connection-new-phone', '/settings/registries/new', { phone: true }],
	['overview', '/', {}],
	['not-found-dark', '/registries/demo/storefront~web/tags/nothing', { dark: true }],
];

test('the pictures of the README @live', async ({ browser }) => {
	test.setTimeout(120_000);
	const wharfinger = await Wharfinger.start({ args: ['--demo'] });
	try {
		const state = await signedIn(browser, wharfinger);
		for (const [name, path, { dark, phone }] of shots) {
			const context = await browser.newContext({
				storageState: state,
				colorScheme: dark ? 'dark' : 'light',
				viewport: phone ? { width: 390, height: 844 } : { width: 1400, height: 900 },
			});
			const page = await context.newPage();
			await page.goto(wharfinger.root + path);
			await live(page);
			await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
			await page.screenshot({ path: `${into}/${name}.png` });
			await context.close();
		}
		const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
		const page = await context.newPage();
		await page.goto(`${wharfinger.root}/sign-in?next=${encodeURIComponent('/registries/demo/storefront~web')}`);
		await page.screenshot({ path: `${into}/sign-in.png` });
		await context.close();
	} finally {
		await wharfinger.remove();
	}
});
