// What every page must hold.
import { expect, type Page } from '@playwright/test';
import axe from 'axe-core';

/** Collects what a page complains about: errors, warnings, refusals of the content security policy. */
export function complaints(page: Page): string[] {
	const found: string[] = [];
	page.on('console', (message) => {
		if (['error', 'warning'].includes(message.type())) found.push(`${message.type()}: ${message.text()}`);
	});
	page.on('pageerror', (error) => found.push(`exception: ${error.message}`));
	return found;
}

/** The rules that colours alone decide. */
const colours = ['color-contrast', 'link-in-text-block'];
const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe is to look at: all of the page or a part, by all rules, or by those of colours alone, or without them. */
export interface Look {
	part?: string;
	rules?: 'all' | 'colours' | 'no colours';
}

/**
 * No serious or critical finding of axe. It is asked inside the page, and only for what is wrong: no page here has frames,
 * and to carry all that is right across costs more than to find it.
 */
export async function accessible(page: Page, { part, rules = 'all' }: Look = {}): Promise<void> {
	if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
	const options: axe.RunOptions = {
		runOnly: rules === 'colours' ? { type: 'rule', values: colours } : { type: 'tag', values: standards },
		rules: rules === 'no colours' ? Object.fromEntries(colours.map((rule) => [rule, { enabled: false }])) : {},
		resultTypes: ['violations'],
	};
	const bad = await page.evaluate(async ([part, options]) => {
		const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(part ?? document, options);
		const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
		return serious.map(({ id, help, nodes }) => `${id}: ${help} ${nodes.map(({ target }) => target).join(' | ')}`);
	}, [part, options] as const);
	expect(bad).toEqual([]);
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

/**
 * Accessible in light, dark and at phone width, where it fits too. The page is left as it was found. Light and dark differ
 * in colours alone. A page so long that this takes too much time is looked at whole once, without its colours; `part` stands
 * for it in everything else.
 */
export async function sound(page: Page, part?: string): Promise<void> {
	const screen = page.viewportSize();
	if (part) await accessible(page, { rules: 'no colours' });
	await accessible(page, { part });
	await page.emulateMedia({ colorScheme: 'dark' });
	await accessible(page, { part, rules: 'colours' });
	await page.setViewportSize({ width: 375, height: 740 });
	await fits(page);
	await accessible(page, { part });
	await page.emulateMedia({ colorScheme: 'light' });
	if (screen) await page.setViewportSize(screen);
}

/** The same of a page that lives. */
export async function soundEverywhere(page: Page): Promise<void> {
	await live(page);
	await sound(page);
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
