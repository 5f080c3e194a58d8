// What tsc does not do: makes the client stand alone, code and types, and builds the dashboard into
// the server's public folder.
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function newestChange(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return newest;
}

async function bundleClient() {
  await bundle({
    entryPoints: [join(root, 'packages/client/src/index.ts')],
    outfile: join(root, 'packages/client/dist/index.js'),
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    external: ['node:*'],
    conditions: ['@assay/source'],
    sourcemap: true,
    logLevel: 'warning',
  });
}

/**
 * A gate is to start within 200 ms: the YAML parser as one file, with its licence, instead of as 75
 * files that are read one by one.
 */
async function bundleYaml() {
  const yaml = dirname(createRequire(import.meta.url).resolve('yaml/package.json'));
  const licence = readFileSync(join(yaml, 'LICENSE'), 'utf8').trim();
  await bundle({
    entryPoints: [join(root, 'packages/server/src/cli/yaml-value.ts')],
    outfile: join(root, 'packages/server/dist/cli/yaml-value.js'),
    alias: { yaml: join(yaml, 'browser/dist/index.js') },
    banner: { js: `/* Holds "yaml":\n${licence}\n*/` },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    logLevel: 'warning',
  });
}

/** The client is installed alone: its declarations must not name another package. */
function bundleClientTypes() {
  const dist = join(root, 'packages/client/dist');
  copyFileSync(join(root, 'packages/loop/dist/record/facts.d.ts'), join(dist, 'facts.d.ts'));
  for (const name of readdirSync(dist).filter((file) => file.endsWith('.d.ts'))) {
    const text = readFileSync(join(dist, name), 'utf8');
    const own = text.replaceAll("'@assay/loop'", "'./facts.ts'");
    if (own !== text) writeFileSync(join(dist, name), own);
  }
}

async function buildDashboard() {
  const target = join(root, 'packages/server/public');
  const index = join(target, 'index.html');
  const web = join(root, 'packages/web');
  if (!existsSync(join(web, 'index.html'))) return;
  const sources = Math.max(
    newestChange(join(web, 'src')),
    statSync(join(web, 'index.html')).mtimeMs,
  );
  if (existsSync(index) && statSync(index).mtimeMs > sources) return;
  const { build } = await import('vite');
  await build({
    root: web,
    configFile: join(web, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: target, emptyOutDir: true },
  });
}

await bundleClient();
await bundleYaml();
bundleClientTypes();
await buildDashboard();
