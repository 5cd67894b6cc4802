// The checks that other specs use find what they are there for.
import { expect, test } from '@playwright/test';
import { accessible, sound } from '../support/checks.js';

const wrong = (check: Promise<void>) => check.then(() => 'nothing', String);
const page = (body: string, style = '') => `<!doctype html><html lang="en"><title>A page</title>
	<meta name="viewport" content="width=device-width"><style>:root { color-scheme: light dark } ${style}</style>
	<main><h1>A page</h1>${body}</main></html>`;

test('what is wrong in one colour scheme, at one width or outside of the part that stands for a page is found @live', async ({ page: here }) => {
	await here.setContent(page('<p>Sound.</p>'));
	expect(await wrong(sound(here))).toBe('nothing');

	await here.setContent(page('<p>Too dark.</p>', 'body { background: light-dark(#fff, #000) } p { color: light-dark(#000, #333) }'));
	expect(await wrong(accessible(here)), 'in light nothing is wrong').toBe('nothing');
	expect(await wrong(sound(here))).toContain('color-contrast');

	await here.emulateMedia({ colorScheme: 'light' });
	await here.setContent(page('<img src="x">', 'img { display: none } @media (max-width: 500px) { img { display: block } }'));
	expect(await wrong(accessible(here)), 'on a wide screen nothing is wrong').toBe('nothing');
	expect(await wrong(sound(here))).toContain('image-alt');

	await here.setViewportSize({ width: 1400, height: 900 });
	await here.setContent(page('<img src="x"><section id="part">Sound.</section>'));
	expect(await wrong(accessible(here, { part: '#part' }))).toBe('nothing');
	expect(await wrong(sound(here, '#part'))).toContain('image-alt');
	expect(await wrong(accessible(here, { part: '#absent' }))).toContain('No elements found');
});
