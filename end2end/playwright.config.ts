import { defineConfig } from '@playwright/test';

// Every spec runs with and without JavaScript, except where it is about one of the two (see its title).
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
const launch = {
	executablePath: chromium,
	args: [
		'--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
		'--disable-component-update', '--disable-sync',
	],
};

export default defineConfig({
	testDir: 'tests',
	outputDir: 'test-results',
	timeout: 45_000,
	expect: { timeout: 10_000 },
	workers: 2,
	retries: 0,
	forbidOnly: true,
	reporter: [['list']],
	use: { launchOptions: launch, trace: 'retain-on-failure', viewport: { width: 1400, height: 900 }, colorScheme: 'light' },
	projects: [
		{ name: 'live', grepInvert: /@plain/ },
		{ name: 'plain', use: { javaScriptEnabled: false }, grepInvert: /@live/ },
	],
});
