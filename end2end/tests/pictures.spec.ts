import { type Browser, expect, type Page, test } from '@playwright/test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { live } from '../support/checks.js';
import { shop } from '../support/shop.js';
import { signedIn, Wharfinger } from '../support/wharfinger.js';

// The README's pictures, light and dark. They are taken at every run; `PICTURES=pictures` keeps them where the README looks.
const into = process.env.PICTURES ?? 'test-results/pictures';

const shots: [string, string][] = [
	['overview', '/'],
	['tags', '/registries/demo/storefront~web?sort=version&order=desc'],
	['image', '/registries/demo/storefront~web/tags/v4.18'],
	['matrix', '/access/matrix?patterns=demo/storefront/**+demo/platform/**+demo/tools/**'],
	['explain', '/access/explain?who=tim&act=repository.push&where=demo/storefront/checkout'],
	['tokens', '/settings/registries/production/tokens'],
];

/** Chromium writes WebP a quarter of the size of its screenshots. */
async function webp(browser: Browser, png: Buffer): Promise<Buffer> {
	const page = await browser.newPage();
	try {
		const text = await page.evaluate(async (png) => {
			const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
			const canvas = Object.assign(document.createElement('canvas'), { width: picture.width, height: picture.height });
			canvas.getContext('2d')!.drawImage(picture, 0, 0);
			return canvas.toDataURL('image/webp', 0.86);
		}, png.toString('base64'));
		expect(text.slice(0, 23)).toBe('data:image/webp;base64,');
		return Buffer.from(text.slice(23), 'base64');
	} finally {
		await page.close();
	}
}

async function ready(page: Page, address: string): Promise<void> {
	await page.goto(address);
	await live(page);
	await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
	await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
}

test('the pictures of the README @live', async ({ browser }) => {
	test.setTimeout(240_000);
	mkdirSync(into, { recursive: true });
	const wharfinger = await Wharfinger.start({ args: ['--demo'], publicly: true });
	const state = await signedIn(browser, wharfinger);
	const filling = await browser.newContext({ storageState: state });
	const registry = await shop(await filling.newPage(), wharfinger);
	let bytes = 0;
	try {
		for (const colorScheme of ['light', 'dark'] as const) {
			const context = await browser.newContext({ storageState: state, colorScheme, viewport: { width: 1400, height: 900 } });
			const page = await context.newPage();
			for (const [name, path] of shots) {
				await ready(page, wharfinger.root + path);
				const picture = await webp(browser, await page.screenshot());
				bytes += picture.length;
				writeFileSync(join(into, `${name}-${colorScheme}.webp`), picture);
			}
			await context.close();
		}
		expect(bytes, 'all pictures together').toBeLessThan(1_000_000);
	} finally {
		await wharfinger.remove();
		await registry.remove();
	}
});
