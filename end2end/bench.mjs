// For `cargo xtask bench`: reads `first URL` or `again URL` line by line, visits, and answers with the milliseconds from
// the start of the navigation until the first row was painted, and the bytes received until the page had loaded.
import { chromium } from '@playwright/test';
import { createInterface } from 'node:readline';

const patience = 30_000;
const [name, value] = process.env.COOKIE.split(/=(.*)/s);
const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM,
	args: [
		'--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
		'--disable-component-update', '--disable-sync', '--no-proxy-server',
	],
});

/** Runs in each page: notes when a row has a place on the screen, in the frame after that. */
function watch() {
	const look = () => {
		const row = document.querySelector('#tags tbody th[scope=row] a');
		if (row && row.getBoundingClientRect().height > 0) {
			requestAnimationFrame(() => (window.firstRow = performance.now()));
		} else {
			requestAnimationFrame(look);
		}
	};
	requestAnimationFrame(look);
}

let context;
let page;
let bytes = 0;

async function open(url) {
	await context?.close();
	context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
	await context.addCookies([{ name, value, url: new URL(url).origin }]);
	page = await context.newPage();
	await page.addInitScript(watch);
	const devtools = await context.newCDPSession(page);
	await devtools.send('Network.enable');
	devtools.on('Network.loadingFinished', (event) => (bytes += event.encodedDataLength));
}

try {
	for await (const line of createInterface({ input: process.stdin })) {
		const [which, url] = line.split(' ');
		if (which === 'first') await open(url);
		await page.goto('about:blank');
		bytes = 0;
		await page.goto(url, { waitUntil: 'load', timeout: patience });
		const time = await page.waitForFunction('window.firstRow', undefined, { timeout: patience });
		await page.waitForFunction("document.documentElement.dataset.live === 'on'", undefined, { timeout: patience });
		console.log(`${(await time.jsonValue()).toFixed(1)} ${bytes}`);
	}
} finally {
	await browser.close();
}
