import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';

/** Each area, the areas it may import, and the packages from outside it may name. */
interface Area {
  readonly areas: readonly string[];
  readonly externals: readonly string[];
}

/** Stands for a module whose name is not in the source: one that the user of Assay brings along. */
const NAMED_LATER = '(named when it runs)';

const LOOP: Readonly<Record<string, readonly string[]>> = {
  'loop/record': [],
  'loop/stats': [],
  'loop/score': ['loop/record', 'loop/stats'],
  'loop/learn': ['loop/record', 'loop/stats'],
  'loop/privacy': ['loop/record', 'loop/stats'],
  'loop/route': ['loop/learn', 'loop/record', 'loop/stats'],
  'loop/calibrate': ['loop/score', 'loop/learn', 'loop/record', 'loop/stats'],
  'loop/gate': ['loop/record', 'loop/stats'],
  'loop/train': ['loop/privacy', 'loop/record', 'loop/score', 'loop/stats'],
  'loop/index.ts': ['loop'],
};

const AREAS: Readonly<Record<string, Area>> = {
  ...Object.fromEntries(
    Object.entries(LOOP).map(([name, areas]) => [name, { areas, externals: [] as string[] }]),
  ),
  protocol: { areas: ['loop'], externals: ['zod'] },
  store: { areas: ['loop'], externals: ['node:', 'kysely'] },
  'store/index.ts': { areas: ['loop', 'store'], externals: [] },
  'store/open.ts': { areas: ['loop', 'store', 'store/backends'], externals: ['node:'] },
  'store/backends': {
    areas: ['loop', 'store'],
    externals: ['node:', 'pg', '@electric-sql/pglite'],
  },
  'server/engine': {
    areas: ['loop', 'protocol', 'store', 'server/adapters'],
    externals: ['node:', 'zod'],
  },
  'server/adapters': {
    areas: ['loop', 'protocol'],
    externals: ['node:', '@bufbuild/protobuf', 'yaml'],
  },
  'server/adapters/models': {
    areas: ['loop', 'protocol'],
    externals: ['node:', 'ai', '@ai-sdk/openai-compatible', 'zod'],
  },
  'server/adapters/scorers': {
    areas: ['loop', 'protocol', 'server/adapters/models'],
    externals: ['node:', 'autoevals', NAMED_LATER],
  },
  'server/adapters/scoring': {
    areas: ['loop', 'protocol', 'server/adapters'],
    externals: ['node:', NAMED_LATER],
  },
  'server/adapters/sandbox': {
    areas: ['loop', 'server/adapters/sandbox/guest'],
    externals: ['node:', 'pyodide', 'quickjs-emscripten'],
  },
  // What runs inside an interpreter has nothing but the language.
  'server/adapters/sandbox/guest': { areas: [], externals: [] },
  'server/adapters/syntax': { areas: ['loop'], externals: ['node:', 'web-tree-sitter'] },
  'server/adapters/text': {
    areas: ['loop'],
    externals: ['node:', 'wink-nlp', 'wink-eng-lite-web-model'],
  },
  'server/http': {
    areas: ['server/engine', 'server/adapters', 'protocol', 'loop'],
    externals: ['node:', 'fastify', 'zod', 'pino'],
  },
  'server/jobs': { areas: ['server/engine', 'loop', 'protocol'], externals: ['node:', 'pino'] },
  'server/cli': {
    areas: [
      'server/config.ts',
      'server/engine',
      'server/http',
      'server/jobs',
      'server/adapters',
      'client',
      'protocol',
      'loop',
    ],
    externals: ['node:', 'commander', 'yaml'],
  },
  'server/cli/main.ts': { areas: ['server/cli', 'protocol'], externals: ['commander'] },
  'server/cli/program.ts': { areas: ['server/cli'], externals: ['node:', 'commander'] },
  'server/cli/start.ts': { areas: ['server', 'protocol'], externals: ['node:', 'commander'] },
  'server/config.ts': { areas: ['protocol'], externals: ['node:'] },
  'server/main.ts': {
    areas: ['server', 'store', 'protocol', 'loop'],
    externals: ['node:', 'pino', 'fastify'],
  },
  'server/index.ts': { areas: ['server'], externals: [] },
  client: { areas: ['protocol', 'loop'], externals: ['node:'] },
  web: {
    areas: ['client', 'loop', 'protocol'],
    externals: [
      'react',
      'react-dom',
      '@tanstack/react-query',
      '@tanstack/react-router',
      '@tanstack/react-table',
    ],
  },
};

const longestFirst = Object.keys(AREAS).sort((a, b) => b.length - a.length);
const isInside = (path: string, area: string): boolean =>
  path === area || path.startsWith(`${area}/`);

function areaOf(file: string): string | undefined {
  const path = file.replace(/^packages\/([^/]+)\/src\//, '$1/');
  return longestFirst.find((area) => isInside(path, area));
}

interface Import {
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

/** What `import(…)` names. */
function dynamicSpecifier(expression: string): string {
  return /^(['"])[^'"`]*\1$/.test(expression) ? expression.slice(1, -1) : NAMED_LATER;
}

function importsOf(file: string): Import[] {
  const source = readFileSync(file, 'utf8');
  const { module } = parseSync(file, source);
  return [
    ...module.staticImports.map((found) => ({
      specifier: found.moduleRequest.value,
      isTypeOnly: found.entries.length > 0 && found.entries.every((entry) => entry.isType),
    })),
    ...module.staticExports.flatMap((found) =>
      found.entries.flatMap((entry) =>
        entry.moduleRequest
          ? [{ specifier: entry.moduleRequest.value, isTypeOnly: entry.isType }]
          : [],
      ),
    ),
    ...module.dynamicImports.map((found) => ({
      specifier: dynamicSpecifier(source.slice(found.moduleRequest.start, found.moduleRequest.end)),
      isTypeOnly: false,
    })),
  ];
}

function isAllowed(file: string, { specifier }: Import): boolean {
  const from = areaOf(file) ?? '';
  const rule = AREAS[from];
  if (!rule) return false;
  const isLocal = specifier.startsWith('.');
  if (!isLocal && !specifier.startsWith('@assay/')) {
    return rule.externals.some((name) =>
      name.endsWith(':') ? specifier.startsWith(name) : isInside(specifier, name),
    );
  }
  if (isLocal && specifier.endsWith('.css')) return from === 'web';
  const to = isLocal
    ? areaOf(normalize(join(dirname(file), specifier)))
    : specifier.slice('@assay/'.length).split('/')[0];
  if (to === undefined) return false;
  return to === from || rule.areas.some((grant) => isInside(to, grant) || isInside(grant, to));
}

const files = readdirSync('packages', { recursive: true, encoding: 'utf8' })
  .map((file) => join('packages', file))
  .filter((file) => /^packages\/[^/]+\/src\/.*\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file));

/** Runtime and type cycles alike: a depth-first walk over local imports. */
function findCycle(): string[] | undefined {
  const state = new Map<string, 'open' | 'done'>();
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    if (state.get(file) === 'done') return undefined;
    if (state.get(file) === 'open') return [...path.slice(path.indexOf(file)), file];
    state.set(file, 'open');
    for (const { specifier } of importsOf(file)) {
      const target = normalize(join(dirname(file), specifier));
      if (!specifier.startsWith('.') || !existsSync(target) || specifier.endsWith('.css')) continue;
      const cycle = visit(target, [...path, file]);
      if (cycle) return cycle;
    }
    state.set(file, 'done');
    return undefined;
  };
  for (const file of files) {
    const cycle = visit(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}

describe('architecture', () => {
  test('there are files to look at', () => expect(files.length).toBeGreaterThan(20));

  test('every source file belongs to an area', () => {
    expect(files.filter((file) => areaOf(file) === undefined)).toEqual([]);
  });

  test('every file imports only what its area may', () => {
    const violations = files.flatMap((file) =>
      importsOf(file)
        .filter((found) => !isAllowed(file, found))
        .map((found) => `${file} → ${found.specifier}`),
    );
    expect(violations).toEqual([]);
  });

  test('no import cycle, types included', () => expect(findCycle()).toBeUndefined());

  test('loop has no clock, no randomness and no host of its own', () => {
    const forbidden = /\bDate\.now\b|\bMath\.random\b|\bnew Date\(\)|\bprocess\.|\bcrypto\b\./;
    const withoutComments = (text: string): string =>
      text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
    const offenders = files
      .filter((file) => file.startsWith('packages/loop/'))
      .filter((file) => forbidden.test(withoutComments(readFileSync(file, 'utf8'))));
    expect(offenders).toEqual([]);
  });

  test('the client installs with nothing', () => {
    const manifest = JSON.parse(readFileSync('packages/client/package.json', 'utf8'));
    expect(Object.keys(manifest.dependencies ?? {})).toEqual([]);
    expect(Object.keys(manifest.peerDependencies ?? {})).toEqual([]);
  });

  test('no barrel except the index of a package', () => {
    const barrels = files.filter(
      (file) => /\/index\.tsx?$/.test(file) && !/^packages\/[^/]+\/src\/index\.ts$/.test(file),
    );
    expect(barrels).toEqual([]);
  });

  test('no SQL default makes an id or a time', () => {
    const offenders = readdirSync('packages/store/migrations')
      .filter((name) => name.endsWith('.sql'))
      .filter((name) =>
        /default\s+(now\(|current_timestamp|gen_random_uuid|uuid_generate)/i.test(
          readFileSync(join('packages/store/migrations', name), 'utf8'),
        ),
      );
    expect(offenders).toEqual([]);
  });

  test('a planted violation would be seen', () => {
    expect(
      isAllowed('packages/loop/src/route/x.ts', { specifier: 'node:fs', isTypeOnly: false }),
    ).toBe(false);
    expect(
      isAllowed('packages/server/src/http/x.ts', { specifier: '@assay/store', isTypeOnly: false }),
    ).toBe(false);
    expect(
      isAllowed('packages/loop/src/record/x.ts', {
        specifier: '../route/choose-agent.ts',
        isTypeOnly: true,
      }),
    ).toBe(false);
    expect(isAllowed('packages/client/src/x.ts', { specifier: 'zod', isTypeOnly: false })).toBe(
      false,
    );
    expect(isAllowed('packages/store/src/x.ts', { specifier: 'pg', isTypeOnly: false })).toBe(
      false,
    );
  });
});
