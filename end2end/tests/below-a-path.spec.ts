import { expect, test } from '@playwright/test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { complaints } from '../support/checks.js';
import { folder, freePort, Program, until } from '../support/process.js';
import { person, Wharfinger } from '../support/wharfinger.js';

/** A real nginx in front, which keeps the prefix or strips it. */
async function nginx(port: number, to: number, strips: boolean): Promise<{ stop: () => Promise<void> }> {
	const directory = folder();
	const at = (name: string) => join(directory.path, name);
	const location = strips ? `location /registry/ { proxy_pass http://127.0.0.1:${to}/;` : `location /registry { proxy_pass http://127.0.0.1:${to};`;
	writeFileSync(at('nginx.conf'), `
		daemon off; worker_processes 1; pid ${at('pid')}; error_log ${at('error.log')};
		events { worker_connections 64; }
		http {
			access_log off; client_body_temp_path ${at('body')}; proxy_temp_path ${at('proxy')}; fastcgi_temp_path ${at('f')}; uwsgi_temp_path ${at('u')}; scgi_temp_path ${at('s')};
			server {
				listen 127.0.0.1:${port};
				${location}
					proxy_set_header Host $http_host; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_max_temp_file_size 0;
					proxy_set_header X-Forwarded-For $remote_addr;
				}
			}
		}`);
	const program = Program.start('nginx', ['-c', at('nginx.conf'), '-p', directory.path]);
	return {
		stop: async () => {
			await program.stop('SIGQUIT');
			directory.remove();
		},
	};
}

for (const strips of [false, true]) {
	test(`behind an nginx that ${strips ? 'strips' : 'keeps'} the prefix, everything works`, async ({ page, context }) => {
		const found = complaints(page);
		const front = await freePort();
		const root = `http://127.0.0.1:${front}/registry`;
		const wharfinger = await Wharfinger.start({ args: ['--demo', '--public-url', root, '--trusted-proxy', '127.0.0.1', '--proxy-header', 'x-forwarded-for'] });
		const proxy = await nginx(front, wharfinger.port, strips);
		try {
			await until('nginx', async () => ((await fetch(`${root}/healthz`)).ok ? true : undefined));
			const link = await wharfinger.setupPath();
			await page.goto(root + link);
			await page.getByLabel('Name').fill(person.name);
			await page.getByLabel('Password', { exact: true }).fill('short');
			await page.getByLabel('Password again').fill('short');
			await page.getByRole('button', { name: 'Create the account' }).click();
			await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
			await page.getByLabel('Password', { exact: true }).fill(person.password);
			await page.getByLabel('Password again').fill(person.password);
			await page.getByRole('button', { name: 'Create the account' }).click();
			await expect(page).toHaveURL(`${root}/`);
			await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
			expect((await context.cookies()).map((cookie) => cookie.path)).toEqual(['/registry']);

			await page.getByRole('main').getByRole('link', { name: 'demo' }).first().click();
			await expect(page).toHaveURL(`${root}/registries/demo`);
			await page.goto(`${root}/registries/demo/storefront~web`);
			await page.getByRole('main').locator('tbody th[scope=row] a').first().click();
			await expect(page.getByRole('heading', { level: 1 })).toContainText('storefront/web');
			await page.getByRole('button', { name: 'Sign out' }).click();
			await expect(page).toHaveURL(`${root}/sign-in?ended`);
			await page.goto(`${root}/audit`);
			await expect(page).toHaveURL(`${root}/sign-in?next=${encodeURIComponent('/audit')}`);
			expect(found.filter((text) => !/status of 4\d\d/.test(text))).toEqual([]);
		} finally {
			await proxy.stop();
			await wharfinger.remove();
		}
	});
}
