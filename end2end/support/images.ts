// Images made in memory as OCI layouts, and pushed by the real skopeo.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { daysFromNow, folder, run } from './process.js';
import type { Registry } from './registry.js';

type Json = { [key: string]: unknown };
interface Descriptor extends Json {
	mediaType: string;
	digest: string;
	size: number;
}

/** Where a test says nothing else, an image is a day old: a date would age with this file. */
const yesterday = `${daysFromNow(-1)}T00:00:00Z`;

export interface ImageOptions {
	/** One layer per text; equal texts are equal layers. */
	layers?: string[];
	created?: string;
	env?: string[];
	labels?: { [key: string]: string };
	command?: string[];
	platforms?: string[];
}

class Layout {
	readonly directory = folder();
	constructor() {
		mkdirSync(join(this.directory.path, 'blobs/sha256'), { recursive: true });
		writeFileSync(join(this.directory.path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
	}
	blob(mediaType: string, bytes: Buffer): Descriptor {
		const hex = createHash('sha256').update(bytes).digest('hex');
		writeFileSync(join(this.directory.path, 'blobs/sha256', hex), bytes);
		return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
	}
	json(mediaType: string, value: Json): Descriptor {
		return this.blob(mediaType, Buffer.from(JSON.stringify(value)));
	}
	index(manifest: Descriptor): void {
		const entry = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'it' } };
		writeFileSync(join(this.directory.path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
	}
}

/** A tar archive with one file. */
function tar(name: string, text: string): Buffer {
	const content = Buffer.from(text);
	const header = Buffer.alloc(512);
	const put = (value: string, at: number) => header.write(value, at, 'latin1');
	put(name, 0);
	put('0000644\0', 100);
	put('0000000\0', 108);
	put('0000000\0', 116);
	put(content.length.toString(8).padStart(11, '0') + '\0', 124);
	put('00000000000\0', 136);
	put('        ', 148);
	put('0', 156);
	put('ustar\x0000', 257);
	const sum = header.reduce((total, byte) => total + byte, 0);
	put(sum.toString(8).padStart(6, '0') + '\0 ', 148);
	return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512), Buffer.alloc(1024)]);
}

function image(layout: Layout, platform: string, options: ImageOptions): Descriptor {
	const texts = options.layers ?? ['base', 'app'];
	const tars = texts.map((text) => tar(`srv/${text.slice(0, 20).replaceAll(/\W/g, '-')}`, text.repeat(50)));
	const layers = tars.map((bytes) => layout.blob('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(bytes)));
	const diffs = tars.map((bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`);
	const [os, architecture, variant] = platform.split('/');
	const created = options.created ?? yesterday;
	const config = layout.json('application/vnd.oci.image.config.v1+json', {
		created, os, architecture, ...(variant ? { variant } : {}),
		config: {
			Env: options.env ?? ['PATH=/usr/bin', 'MODE=production'],
			Cmd: options.command ?? ['node', 'server.js'],
			WorkingDir: '/srv',
			User: '10001',
			ExposedPorts: { '8080/tcp': {} },
			Labels: options.labels ?? { 'org.opencontainers.image.source': 'https://git.example.com/storefront/web' },
		},
		rootfs: { type: 'layers', diff_ids: diffs },
		history: [
			...texts.map((text) => ({ created, created_by: `RUN /bin/sh -c make ${text.slice(0, 20)} # buildkit` })),
			{ created, created_by: 'ENTRYPOINT ["node"]', empty_layer: true },
		],
	});
	return layout.json('application/vnd.oci.image.manifest.v1+json', {
		schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers,
	});
}

/** Makes an image (an index where it has several platforms) and pushes it under each tag; answers its digest. */
export function push(registry: Registry, repository: string, tags: string[], options: ImageOptions = {}): string {
	const layout = new Layout();
	try {
		const platforms = options.platforms ?? ['linux/amd64'];
		const manifests = platforms.map((platform) => {
			const [os, architecture, variant] = platform.split('/');
			return { ...image(layout, platform, options), platform: { os, architecture, ...(variant ? { variant } : {}) } };
		});
		const mediaType = 'application/vnd.oci.image.index.v1+json';
		const top = manifests.length === 1 ? image(layout, platforms[0]!, options) : layout.json(mediaType, { schemaVersion: 2, mediaType, manifests });
		layout.index(top);
		for (const tag of tags) {
			const login = registry.options.login ?? registry.options.password;
			run('skopeo', [
				'--insecure-policy', 'copy', '--all', '--quiet', '--preserve-digests', '--dest-tls-verify=false',
				...(login ? ['--dest-creds', `${login.user}:${login.password}`] : []),
				`oci:${layout.directory.path}:it`, `docker://${registry.host}/${repository}:${tag}`,
			]);
		}
		return top.digest;
	} finally {
		layout.directory.remove();
	}
}
