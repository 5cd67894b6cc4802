// What every page must hold.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Collects what a page complains about: errors, warnings, refusals of the content security policy. */
export function complaints(page: Page): string[] {
	const found: string[] = [];
	page.on('console', (message) => {
		if (['error', 'warning'].includes(message.type())) found.push(`${message.type()}: ${message.text()}`);
	});
	page.on('pageerror', (error) => found.push(`exception: ${error.message}`));
	return found;
}

/** No serious or critical finding of axe: on the page, or in a part of it; without the rules named. */
export async function accessible(page: Page, { part, without = [] }: { part?: string; without?: string[] } = {}): Promise<void> {
	const axe = new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).disableRules(without);
	const { violations } = await (part ? axe.include(part) : axe).analyze();
	const bad = violations.filter((v) => ['serious', 'critical'].includes(v.impact ?? ''));
	expect(bad.map((v) => `${v.id}: ${v.help} ${v.nodes.map((n) => n.target).join(' | ')}`)).toEqual([]);
}

/** Nothing is wider than the screen. */
export async function fits(page: Page): Promise<void> {
	const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
	expect(content, 'the page is no wider than the screen').toBeLessThanOrEqual(screen!);
}

/** What lives has started. */
export async function live(page: Page): Promise<void> {
	await expect(page.locator('html[data-live=on]')).toBeAttached();
}

/** A page that lives: accessible in light, dark and at phone width, where it fits too. It is left as it was found. */
export async function soundEverywhere(page: Page): Promise<void> {
	const screen = page.viewportSize();
	await live(page);
	await accessible(page);
	await page.emulateMedia({ colorScheme: 'dark' });
	await accessible(page);
	await page.setViewportSize({ width: 375, height: 740 });
	await fits(page);
	await accessible(page);
	await page.emulateMedia({ colorScheme: 'light' });
	if (screen) await page.setViewportSize(screen);
}

/** The same of several pages, one after the other, without a complaint. */
export async function allSound(page: Page, root: string, paths: string[]): Promise<void> {
	const found = complaints(page);
	for (const path of paths) {
		await page.goto(root + path);
		await expect(page.getByRole('heading', { level: 1 }), path).toBeVisible();
		await soundEverywhere(page);
	}
	expect(found).toEqual([]);
}
