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
	// More than the processors of a small machine: each waits for its browser and its server about as often as these for it.
	workers: 3,
	retries: 0,
	forbidOnly: true,
	reporter: [['list']],
	use: {
		launchOptions: launch, viewport: { width: 1400, height: 900 }, colorScheme: 'light',
		// A film of every test would cost more than it tells beside the picture of its end.
		trace: { mode: 'retain-on-failure', screenshots: false }, screenshot: 'only-on-failure',
	},
	projects: [
		{ name: 'live', grepInvert: /@plain/ },
		{ name: 'plain', use: { javaScriptEnabled: false }, grepInvert: /@live/ },
	],
});
