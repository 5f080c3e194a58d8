import type { Database } from '../../src/database.ts';

interface Line {
  readonly line: string;
}

/** Statements that describe the schema of a fresh store, in the order of the snapshot. */
const PARTS: readonly (readonly [string, string])[] = [
  [
    'tables',
    `select format('%s %s%s (%s)', case c.relkind when 'p' then 'partitioned table' else 'table' end,
        c.relname, coalesce(' by ' || pg_get_partkeydef(c.oid), ''),
        (select string_agg(format(E'\\n  %s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
                   case when a.attnotnull then ' not null' else '' end,
                   coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')), ',' order by a.attnum)
         from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped))
      || case when c.relrowsecurity then ' row security' else '' end
      || case when c.relforcerowsecurity then ' forced' else '' end as line
     from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
       and not c.relispartition order by c.relname collate "C"`,
  ],
  [
    'constraints',
    `select format('%s: %s', conrelid::regclass, pg_get_constraintdef(oid)) as line
     from pg_constraint where connamespace = current_schema()::regnamespace
       and contype in ('p', 'u', 'f', 'c') order by 1`,
  ],
  [
    'indexes',
    `select indexdef as line from pg_indexes where schemaname = current_schema() order by indexname collate "C"`,
  ],
  [
    'policies',
    `select format('%s on %s to %s using (%s) with check (%s)', policyname, tablename,
        case when roles = array[current_user::name] then 'owner' else array_to_string(roles, ',') end,
        qual, with_check) as line
     from pg_policies where schemaname = current_schema() order by tablename collate "C", policyname`,
  ],
  [
    'grants',
    `select format('%s to %s on %s', string_agg(lower(privilege_type), ', ' order by privilege_type),
        grantee, table_name) as line
     from information_schema.role_table_grants
     where table_schema = current_schema() and grantee = 'app'
     group by grantee, table_name order by table_name collate "C"`,
  ],
  [
    'functions',
    `select pg_get_functiondef(oid) as line from pg_proc
     where pronamespace = current_schema()::regnamespace order by proname`,
  ],
];

/** Describes tables, indexes, policies, grants and functions as text that is the same on every run. */
export async function describeSchema(db: Database): Promise<string> {
  const sections: string[] = [
    '-- What the migrations come to, read from the catalogue. Written by the conformance suite:\n' +
      '-- ASSAY_WRITE_SCHEMA=1 npx vitest run packages/store/test/conformance/schema.test.ts\n',
  ];
  for (const [title, text] of PARTS) {
    const { rows } = await db.query<Line>(text);
    sections.push(`-- ${title}\n${rows.map((row) => row.line.trimEnd()).join('\n')}\n`);
  }
  return sections.join('\n');
}
